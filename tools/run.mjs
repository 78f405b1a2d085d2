/**
 * Runs the commands of package.json. They work in a fresh clone: this installs the packages if the lockfile
 * has changed, and builds the API if a command needs it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command, ...args] = process.argv.slice(2);

const TOOLS = {
  build: ['nx', 'run-many', '-t', 'build'],
  typecheck: ['nx', 'run-many', '-t', 'typecheck'],
  lint: ['nx', 'run-many', '-t', 'lint'],
  test: ['jest'],
  'test:all': ['jest'],
  'test:quick': ['jest', '--config=jest.quick.config.cjs'],
  format: ['prettier', '--write', '.'],
  'format:check': ['prettier', '--check', '.'],
  'docs:api': ['typedoc'],
};

/** Tests that take minutes. They start their own servers, and break or load them. */
const LONG_TESTS = {
  'test:faults': { end: 'faults', workers: 3 },
  // They measure times, so they run one at a time.
  'test:load': { end: 'load', workers: 1 },
};
const PACKAGE_TESTS = [
  'jest',
  '--config=libs/calls-export/jest.config.cjs',
  '--maxWorkers=2',
  '--verbose',
];

install();
if (command === 'test:all') process.env.SLOW_TESTS = 'true';
if (command === 'test' || command === 'test:all') {
  build();
}
if (command === 'test:mutation') {
  process.exitCode = await testMutants();
} else if (command === 'test:package') {
  build('calls-export');
  const match = ['--testMatch', '<rootDir>/test/package/*.package.ts'];
  process.exitCode =
    run('node', [join(root, 'tools/check-package.mjs')]) ||
    runPackage(...PACKAGE_TESTS, ...match, ...args);
} else if (command in LONG_TESTS) {
  build();
  process.exitCode = await runLongTests(command);
} else if (command in TOOLS) {
  process.exitCode = runPackage(...TOOLS[command], ...args);
} else if (command === 'watch') {
  build();
  await watch();
} else if (command === 'bench') {
  build();
  build('calls-export');
  process.exitCode = run('node', [join(root, 'tools/bench/bench.mjs'), ...args]);
} else {
  build();
  // Runs in this process, so that signals reach the program.
  const program = join(root, `dist/apps/api/${command}.js`);
  process.argv = [process.argv[0], program, ...args];
  await import(pathToFileURL(program).href);
}

/** Runs the mutation tests on the core, or with `--since <revision>` on the lines changed since then. */
async function testMutants() {
  const stryker = ['stryker', 'run'];
  if (args[0] !== '--since') return runPackage(...stryker, ...args);
  const [, revision, ...others] = args;
  const { changedLines } = await import('./mutation/changed-lines.mjs');
  const lines = changedLines(revision);
  if (lines.length > 0) return runPackage(...stryker, '--mutate', lines.join(','), ...others);
  console.log(`No line of the core has changed since ${revision}.`);
  return 0;
}

/** Runs fault or load tests, and updates the published figures if all of them passed. */
async function runLongTests(suite) {
  const { end, workers } = LONG_TESTS[suite];
  const figures = join(root, 'tmp', `figures-${end}.jsonl`);
  mkdirSync(dirname(figures), { recursive: true });
  rmSync(figures, { force: true });
  process.env.FIGURES_FILE = figures;
  const match = `<rootDir>/test/long/*.${end}.ts`;
  const jest = [
    'jest',
    '--config=apps/api/jest.config.cjs',
    `--maxWorkers=${workers}`,
    '--verbose',
  ];
  const status = runPackage(...jest, '--testMatch', match, ...args);
  if (status === 0 && args.length === 0) {
    const { writeFigures } = await import('./reliability.mjs');
    await writeFigures(join(root, 'docs/fault-tests.md'), `npm run ${suite}`, figures);
  }
  return status;
}

/**
 * Rebuilds and restarts the API after each change, until a signal. The arguments are Node.js options, such as
 * `--inspect`.
 */
async function watch() {
  const webpack = ['node_modules/webpack/bin/webpack.js', '--config=apps/api/webpack.config.cjs'];
  const api = ['--watch', '--enable-source-maps', ...args, 'dist/apps/api/main.js'];
  const children = [[...webpack, '--watch'], api].map((program) =>
    spawn(process.execPath, program, { cwd: root, stdio: 'inherit' }),
  );
  const stop = () => children.forEach((child) => child.kill());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  const ends = children.map((child) => once(child, 'exit'));
  await Promise.race(ends);
  stop();
  await Promise.all(ends);
}

function build(project = 'api') {
  const nx = join(root, 'node_modules/.bin/nx');
  const status = run(nx, ['build', project, '--outputStyle=static'], 'errors');
  if (status !== 0) process.exit(status);
}

function install() {
  const lockfile = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const installed = join(root, 'node_modules/.installed-package-lock.json');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lockfile) return;
  console.error('Installing the packages (once)…');
  const status = run('npm', ['ci', '--include=dev', '--loglevel=error'], 'errors');
  if (status !== 0) process.exit(status);
  writeFileSync(installed, lockfile);
}

/** Runs a program of an installed package, half a second faster than npx does. */
function runPackage(name, ...args) {
  return run(join(root, 'node_modules/.bin', name), args);
}

/**
 * Runs a program and returns its exit status. With 'errors', its output is shown only if it fails, on
 * standard error.
 */
function run(program, args, show = 'all') {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    // On Windows, a package's program is a .cmd file.
    shell: process.platform === 'win32',
    stdio: show === 'all' ? 'inherit' : 'pipe',
    encoding: 'utf8',
  });
  if (show === 'errors' && status !== 0) console.error(`${stdout}${stderr}`);
  return status ?? 1;
}
