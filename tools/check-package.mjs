/**
 * Checks the built package: its tarball contains exactly the expected files, its code and types import only
 * dependencies and peer dependencies, and publint and Are The Types Wrong? find no problems.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import ts from 'typescript';

const folder = resolve(dirname(fileURLToPath(import.meta.url)), '../dist/libs/calls-export');
const { dependencies, peerDependencies, exports } = JSON.parse(
  readFileSync(join(folder, 'package.json'), 'utf8'),
);
const allowed = Object.keys({ ...dependencies, ...peerDependencies });
const REQUIRED = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'];
const CODE = /^src\/(?!.*\.spec\.).*\.(?:js|js\.map|d\.ts)$/;

const target = mkdtempSync(join(tmpdir(), 'calls-export-package-'));
process.once('exit', () => rmSync(target, { recursive: true }));
const [{ files, filename }] = JSON.parse(
  execFileSync('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', target], {
    cwd: folder,
    encoding: 'utf8',
  }),
);
const tarball = readFileSync(join(target, filename));
const paths = files.map(({ path }) => path);
const faults = [
  ...REQUIRED.filter((path) => !paths.includes(path)).map((path) => `${path} is missing`),
  ...paths
    .filter((path) => !REQUIRED.includes(path) && !CODE.test(path))
    .map((path) => `${path} does not belong in the package`),
  ...Object.values(exports['.'])
    .filter((path) => !existsSync(join(folder, path)))
    .map((path) => `exports refers to ${path}, which does not exist`),
  ...paths.filter((path) => /\.(?:js|d\.ts)$/.test(path)).flatMap(invalidImports),
  ...(await publintFaults()),
  ...(await typesFaults()),
];
for (const fault of faults) console.error(`nestjs-calls-export: ${fault}`);
if (faults.length > 0) process.exit(1);
console.log(`nestjs-calls-export: ${paths.length} files, importing only ${allowed.join(', ')}`);

async function publintFaults() {
  const { messages, pkg } = await publint({
    pack: { tarball: arrayBuffer(tarball) },
    strict: true,
  });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`);
}

/** Returns the problems that TypeScript has in any module resolution mode. */
async function typesFaults() {
  const { problems } = await checkPackage(createPackageFromTarballData(tarball));
  return problems.map((problem) => `Are The Types Wrong?: ${JSON.stringify(problem)}`);
}

function arrayBuffer({ buffer, byteOffset, byteLength }) {
  return buffer.slice(byteOffset, byteOffset + byteLength);
}

function invalidImports(path) {
  const text = readFileSync(join(folder, path), 'utf8');
  const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(text, true, true);
  const names = [...importedFiles, ...typeReferenceDirectives].map(({ fileName }) => fileName);
  return [
    ...names
      .filter((name) => !isAllowed(name, path))
      .map(
        (name) => `${path} imports ${name}, which is neither a dependency nor a peer dependency`,
      ),
    // TypeScript generates such imports for inferred types in declarations.
    ...names
      .filter((name) => allowed.some((each) => name.startsWith(`${each}/`)))
      .map((name) => `${path} imports ${name}, a path that not every host app can resolve`),
  ];
}

function isAllowed(name, importer) {
  if (name.startsWith('.')) {
    const target = join(folder, dirname(importer), name);
    return ['.js', '/index.js', '.d.ts', '/index.d.ts'].some((end) => existsSync(target + end));
  }
  // Every TypeScript project on Node.js has the types of Node.js.
  return (
    isBuiltin(name) || name === 'node' || allowed.some((each) => `${name}/`.startsWith(`${each}/`))
  );
}
