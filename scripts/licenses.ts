import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Package {
  name: string;
  version: string;
  license: string;
  text: string;
}

/** What is read of a package.json. */
interface Manifest extends Omit<Package, 'text'> {
  author?: string | { name: string };
}

/** The licences of the packages of which a bundle has a part, as a page. `inputs`: the paths that went into it. */
export const thirdPartyLicenses = (inputs: readonly string[]): string => {
  const folders = new Set(inputs.flatMap((path) => packageFolder(path) ?? []));
  const packages = [...folders].map(readPackage).sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    '# Third-party licences',
    '',
    'Parts of these packages are bundled into dist/.',
    ...packages.map((p) => `\n## ${p.name} ${p.version} (${p.license})\n\n\`\`\`\`text\n${p.text.trim()}\n\`\`\`\``),
    '',
  ].join('\n');
};

const packageFolder = (path: string): string | undefined => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];

const readPackage = (folder: string): Package => {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  if (file !== undefined) return { name, version, license, text: readFileSync(join(folder, file), 'utf8') };
  if (license !== 'MIT' || author === undefined) throw new Error(`${name} ${version} has no licence text`);
  return { name, version, license, text: mitLicense(typeof author === 'string' ? author : author.name) };
};

/** For a package that names this licence and comes without its text. Source: https://spdx.org/licenses/MIT.html */
const mitLicense = (holder: string): string => `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;
