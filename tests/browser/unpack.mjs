// Makes node_modules/.chromium of what npm has brought: Chromium, the libraries that a bare machine
// lacks, and fonts, those for emoji too. What stands there is whole: it comes by a rename.
import { readFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { inflate } from '@sparticuz/chromium';
import { decompress } from 'wawoff2';

const require = createRequire(import.meta.url);
const modules = join(import.meta.dirname, 'node_modules');
const whole = join(modules, '.chromium');
const growing = join(modules, '.chromium.part');

await rm(growing, { recursive: true, force: true });
await mkdir(growing);
// Where the package unpacks to.
process.env.TMPDIR = growing;
for (const part of ['chromium.br', 'al2023.tar.br', 'fonts.tar.br']) {
  await inflate(join(modules, '@sparticuz', 'chromium', 'bin', part));
}
// Of the system's fonts Chromium takes none that are packed for the web.
const packed = await readFile(require.resolve('twemoji-colr-font/twemoji.woff2'));
await writeFile(join(growing, 'fonts', 'twemoji.ttf'), await decompress(packed));
await writeFile(
  join(growing, 'fonts', 'fonts.conf'),
  `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">.</dir>
  <cachedir>${join(whole, 'cache')}</cachedir>
</fontconfig>
`,
);
await rm(whole, { recursive: true, force: true });
await rename(growing, whole);
