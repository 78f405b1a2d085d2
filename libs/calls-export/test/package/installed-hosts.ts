import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = resolve(__dirname, '../../../..');
/** The other host apps use its main program, strategy and settings, too. */
export const SMALLEST = 'examples/express-postgres';
export const SECRET = 'a secret for the tests of 32 bytes or more';
/** The timeout of a test that installs a host app. */
export const TIMEOUT_MS = 300_000;

/** Versions that replace those in the package.json of a host app. */
export interface Versions {
  readonly nest?: 11 | 12;
  readonly platform?: 'express' | 'fastify';
  readonly typeorm?: '0.3' | '1';
}

/** The URL of a running program, and a function that stops it. */
export type Started = [url: string, stop: () => Promise<void>];

export const run = promisify(execFile);
const NEST = { 11: '^11.0.0', 12: '^12.0.0' };
const TYPEORM = { '0.3': '^0.3.31', '1': '^1.1.0' };

/** The packed library, and host apps in a temporary folder that have installed it. */
export class InstalledHosts {
  private constructor(
    readonly folder: string,
    readonly tarball: string,
  ) {}

  /** Packs the last build of the library. */
  static async create(): Promise<InstalledHosts> {
    const folder = await mkdtemp(join(tmpdir(), 'calls-export-package-'));
    const { stdout } = await run('npm', ['pack', '--json', `--pack-destination=${folder}`], {
      cwd: join(ROOT, 'dist/libs/calls-export'),
    });
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    return new InstalledHosts(folder, join(folder, filename));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /**
   * Copies a host app, installs its dependencies, with the library from the tarball, and builds it.
   *
   * @param base a host app that provides the files which `source` lacks.
   */
  async install(source: string, versions: Versions = {}, base = source): Promise<string> {
    const host = join(this.folder, 'hosts', source, Object.values(versions).join('-'));
    await mkdir(host, { recursive: true });
    for (const files of [base, source]) await cp(join(ROOT, files), host, { recursive: true });
    const path = join(host, 'package.json');
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    manifest.dependencies['nestjs-calls-export'] = `file:${this.tarball}`;
    setVersions(manifest.dependencies, versions);
    await writeFile(path, JSON.stringify(manifest));
    if (versions.platform === 'fastify') await useFastify(join(host, 'src/main.ts'));
    await npm(host, 'install');
    await npm(host, 'run', 'build');
    return host;
  }
}

/** Runs npm in a folder. */
export function npm(folder: string, ...args: string[]) {
  const options = ['--loglevel=error', '--no-audit', '--no-fund', '--prefer-offline'];
  return run('npm', [...args, ...options], { cwd: folder });
}

/** Starts a host app that prints the URL it listens on. */
export function start(host: string, settings: NodeJS.ProcessEnv): Promise<Started> {
  return listen(process.execPath, ['dist/main.js'], host, {
    PORT: '0',
    JWT_SECRET: SECRET,
    ...settings,
  });
}

/**
 * Starts a program, directly or by a shell, and waits until it prints `Listening on` and a URL.
 *
 * @throws Error with its output if it exits first.
 */
export async function listen(
  program: string,
  args: string[],
  folder: string,
  settings: NodeJS.ProcessEnv,
): Promise<Started> {
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...settings },
    // Its own process group, so that `stop` also reaches the children of a shell.
    detached: true,
  });
  const exit = new Promise<void>((gone) => child.once('exit', () => gone()));
  let output = '';
  const url = await new Promise<string>((listening, fail) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      const found = /Listening on (\S+)/.exec(output)?.[1];
      if (found) listening(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => fail(new Error(output)));
  });
  const stop = async () => {
    if (child.exitCode === null) process.kill(-(child.pid as number));
    await exit;
  };
  return [url, stop];
}

function setVersions(
  dependencies: Record<string, string>,
  { nest, platform, typeorm }: Versions,
): void {
  if (platform) {
    const other = platform === 'express' ? 'fastify' : 'express';
    const from = `@nestjs/platform-${other}`;
    const range = dependencies[from];
    if (range) dependencies[`@nestjs/platform-${platform}`] = range;
    delete dependencies[from];
  }
  for (const name of Object.keys(dependencies)) {
    if (nest && name.startsWith('@nestjs/')) dependencies[name] = NEST[nest];
  }
  if (typeorm) dependencies['typeorm'] = TYPEORM[typeorm];
}

/** Edits a program to use Fastify instead of Express. */
async function useFastify(program: string): Promise<void> {
  const text = await readFile(program, 'utf8');
  const onFastify = text.replace(/NestFactory\.create\((\w+)/, '$&, new FastifyAdapter()');
  if (onFastify === text) throw new Error(`${program} must call NestFactory.create`);
  await writeFile(
    program,
    `import { FastifyAdapter } from '@nestjs/platform-fastify';\n${onFastify}`,
  );
}
