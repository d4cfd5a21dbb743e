import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { eventually } from '../support/ask.ts';
import { freshStack, type TestStack } from '../support/stack.ts';

/** Debian's; playwright-core brings none. */
const CHROMIUM = '/usr/bin/chromium';
const screenshots = () => mkdtempSync(join(tmpdir(), 'monitor-grafana-pages-'));
const unable = inject('images').grafana.standIn
  ? 'the stand-in for Grafana has no pages; set GRAFANA_IMAGE to a real one'
  : existsSync(CHROMIUM)
    ? undefined
    : `there is no ${CHROMIUM}`;

let stack: TestStack;
let browser: Browser;

beforeAll(async () => {
  if (unable !== undefined) return;
  stack = await freshStack({ what: 'pages' });
  const shop = `${stack.name}-shop`;
  await stack.users.network(shop);
  await stack.users.service({ name: shop, network: shop });
  stack.edit('targets: []', `targets: ["${shop}:9100"]`);
  await stack.succeed(['up']);
  await eventually(async () => {
    const { report } = await stack.succeed(['up', '--json']);
    expect(report('up')).toMatchObject({ changed: false, notices: [] });
  }, 60_000);
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
});

afterAll(async () => {
  await browser?.close();
  await stack?.remove();
});

/** Signed in, in a window so high that all panels are drawn: Grafana draws those that can be seen. */
const signedIn = async (): Promise<Page> => {
  const context = await browser.newContext({ viewport: { width: 1600, height: 6000 } });
  const data = { user: 'admin', password: stack.stateFile('grafana-admin-password').trim() };
  await context.request.post(`${stack.grafana.url}/login`, { data });
  return context.newPage();
};

const PANEL = '.react-grid-item';
const ROW = '.dashboard-row';
const CLOSED = /dashboard-row--collapsed/;
const LOADING = '.panel-loading, [aria-label="Panel loading bar"]';
const FAILED = '.panel-info-corner--error, .alert-error, [data-testid="data-testid Panel status error"]';

/** What is wrong with the panels that the page shows now; undefined where all have data. */
const look = async (page: Page, file: string): Promise<string | undefined> => {
  await page.waitForLoadState('networkidle');
  await page.locator(LOADING).first().waitFor({ state: 'detached' });
  await page.screenshot({ path: file });
  const empty = await page.getByText(/^No data/).count();
  const failed = await page.locator(FAILED).count();
  return empty + failed > 0 ? `${empty} without data, ${failed} failed: ${file}` : undefined;
};

it('draws data in every panel of every dashboard, and no error', { timeout: 300_000 }, async ({ skip }) => {
  if (unable !== undefined) skip(unable);
  const { dashboards } = (await stack.succeed(['dashboards', '--json'])).report('dashboards');
  const folder = screenshots();
  console.info(`The screenshots of Grafana are in ${folder}`);
  const page = await signedIn();
  const wrong: string[] = [];
  let opened = 0;
  for (const { uid, title, url } of dashboards) {
    // By the address that it is signed in to.
    await page.goto(`${stack.grafana.url}${new URL(url ?? '').pathname}?from=now-5m&to=now`);
    const hasPages = await page.waitForSelector(PANEL, { timeout: 30_000 }).catch(() => undefined);
    if (hasPages === undefined) skip('this Grafana serves no pages');
    const found = [await look(page, join(folder, `${uid}.png`))];
    for (const [index, row] of (await page.locator(ROW).all()).entries()) {
      if (!CLOSED.test((await row.getAttribute('class')) ?? '')) continue;
      // One at a time, so that its panels are in the window.
      await row.locator(`${ROW}__title`).click();
      found.push(await look(page, join(folder, `${uid}-${index}.png`)));
      await row.locator(`${ROW}__title`).click();
      opened += 1;
    }
    wrong.push(...found.flatMap((what) => (what === undefined ? [] : `${title}: ${what}`)));
  }
  expect(wrong).toEqual([]);
  expect(opened).toBeGreaterThan(0);
});
