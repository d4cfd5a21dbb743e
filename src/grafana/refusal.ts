import { STATUS_CODES } from 'node:http';
import { MonitorError } from '../errors.ts';
import type { HttpError, HttpResponse } from '../http.ts';
import { isRecord, parseJson, textOf } from '../json.ts';

/** Who asked, as far as an error has to tell it. */
export interface Account {
  /** Grafana's address, as a person opens it. */
  url: string;
  user: string;
  /** Where the password came from: `MONITOR_GRAFANA_PASSWORD`, or the path of a file. */
  passwordSource: string;
}

/** Grafana did not take user and password. It says the same to a right password of a user that is locked. */
export function passwordRefused({ url, user, passwordSource }: Account, response: HttpResponse): MonitorError {
  const reset = '`monitor password --reset` sets a new one in the running Grafana';
  const fromEnvironment = passwordSource === 'MONITOR_GRAFANA_PASSWORD';
  return new MonitorError({
    code: 'grafana-password',
    message: `Grafana at ${url} does not accept the password of user "${user}"`,
    detail: [
      `Grafana: ${wordsOf(response)}`,
      `the password came from ${passwordSource}`,
      'it was tried once; after five wrong ones Grafana refuses the right one too, for five minutes, also after a reset',
      'the user is `grafana.admin_user` of monitor.yml; Grafana keeps the one of its first start',
    ],
    suggestion: fromEnvironment ? `correct or unset MONITOR_GRAFANA_PASSWORD, or ${reset}` : reset,
  });
}

/** Grafana answered that it does not do it. `what`: `update the datasource "Prometheus"`. */
export function refused(what: string, response: HttpResponse): MonitorError {
  const { status } = response;
  const words = wordsOf(response);
  const found = REASONS.find(([statuses, said]) => statuses.test(`${status}`) && said.test(words));
  const [, , code = 'grafana-refused', suggestion] = found ?? [];
  return new MonitorError({
    code,
    message: `Grafana did not ${what}`,
    detail: [`HTTP ${status}: ${words}`],
    suggestion,
  });
}

/** No answer, or only a part of one. */
export function unanswered(what: string, url: string, error: HttpError): MonitorError {
  const late = error.code === 'TIMEOUT';
  return new MonitorError({
    code: late ? 'grafana-timeout' : 'grafana-unreachable',
    message: `Grafana at ${url} did not answer when asked to ${what}`,
    detail: [error.message],
    suggestion: '`monitor logs grafana` shows what it does',
    cause: error,
  });
}

/** An answer that no Grafana gives: most likely something else listens there. */
export const notGrafana = (what: string, url: string, response: HttpResponse): MonitorError =>
  new MonitorError({
    code: 'grafana-answer',
    message: `What ${url} answers when asked to ${what} is not Grafana's answer`,
    detail: [`HTTP ${response.status}: ${wordsOf(response)}`],
    suggestion: `open ${url} to see what runs there`,
  });

const IN_FILE = 'it comes from a file in /etc/grafana/provisioning: change it there';
const CHANGED = 'it was changed at the same time; run the command again';

/** What a refusal means, by its status and Grafana's words; the first that fits. */
const REASONS: readonly (readonly [status: RegExp, words: RegExp, code: string, suggestion?: string])[] = [
  [/403/, /read-only/i, 'grafana-read-only', IN_FILE],
  [/403/, /quota/i, 'grafana-full', 'delete what is not needed, or raise the quota in Grafana’s settings'],
  [/403/, /^/, 'grafana-forbidden', 'give `admin_user` in monitor.yml an administrator of Grafana'],
  [/404/, /^/, 'grafana-not-found'],
  [/412/, /same name/i, 'grafana-title-taken', 'change one of the two titles'],
  [/400/, /provisioned/i, 'grafana-read-only', IN_FILE],
  // 409: the name or uid is taken, or it was changed since it was read. 412: the same for folders and dashboards.
  [/409|412/, /^/, 'grafana-conflict', CHANGED],
  // 12 says it; before that only the log does.
  [
    /5../,
    /disk is full|no space left/i,
    'grafana-full',
    'free space on the disk of its volume, then run the command again',
  ],
  [/5../, /^/, 'grafana-failed', '`monitor logs grafana` shows why'],
];

/** 12 adds the statement that its database refused. */
const LONGEST = 200;

/**
 * An error answer in its own words. Grafana writes `{"message"}`, 7.5 also `[{"message", "fieldNames"}]`, its proxy
 * passes on Prometheus's `{"error"}`; a proxy in between writes a page.
 */
export function wordsOf({ status, body }: HttpResponse): string {
  const parsed = parseJson(body);
  const words = Array.isArray(parsed) ? parsed.map(problem).filter(Boolean).join(', ') : problem(parsed);
  const line = (words || body.trim()).split(/\r?\n/, 1)[0]?.slice(0, LONGEST);
  return line || (STATUS_CODES[status] ?? 'an empty answer');
}

function problem(value: unknown): string {
  const message = textOf(value, 'message') || textOf(value, 'error');
  const fields = isRecord(value) && Array.isArray(value.fieldNames) ? value.fieldNames.join(', ') : '';
  return fields === '' ? message : `${fields}: ${message}`;
}
