import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = resolve(__dirname, '../../../..');
/** Its main program, strategy and settings are the others' too. */
export const SMALLEST = 'examples/express-postgres';
export const SECRET = 'a secret for the tests of 32 bytes or more';
/** For a test that installs a host. */
export const TIMEOUT_MS = 300_000;

/** What a host is installed with, in the place of what its package.json asks for. */
export interface Versions {
  readonly nest?: 11 | 12;
  readonly platform?: 'express' | 'fastify';
  readonly typeorm?: '0.3' | '1';
}

/** A program that listens, and its end. */
export type Started = [url: string, stop: () => Promise<void>];

export const run = promisify(execFile);
const NEST = { 11: '^11.0.0', 12: '^12.0.0' };
const TYPEORM = { '0.3': '^0.3.31', '1': '^1.1.0' };

/** The packed library, and the hosts that have installed it in a temporary folder. */
export class InstalledHosts {
  private constructor(
    readonly folder: string,
    readonly tarball: string,
  ) {}

  /** Packs the library as it was built last. */
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
   * Copies a host, installs what it asks for with the tarball in the place of the published package, and builds it.
   *
   * @param base a host of which it has all files that it does not bring itself.
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

/** Starts a host that says on which URL it listens. */
export function start(host: string, settings: NodeJS.ProcessEnv): Promise<Started> {
  return listen(process.execPath, ['dist/main.js'], host, {
    PORT: '0',
    JWT_SECRET: SECRET,
    ...settings,
  });
}

/** Starts a program, or a shell that starts it, which prints `Listening on` and a URL. */
export async function listen(
  program: string,
  args: string[],
  folder: string,
  settings: NodeJS.ProcessEnv,
): Promise<Started> {
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...settings },
    // A group of its own, so that what a shell has started ends with it.
    detached: true,
  });
  const exit = new Promise<void>((gone) => child.once('exit', () => gone()));
  let output = '';
  const url = await new Promise<string>((listening, fail) => {
    const take = (chunk: Buffer) => {
      output += chunk;
      const found = /Listening on (\S+)/.exec(output)?.[1];
      if (found) listening(found);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
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

/** Makes a program that creates its app on Express create it on Fastify. */
async function useFastify(program: string): Promise<void> {
  const text = await readFile(program, 'utf8');
  const onFastify = text.replace(/NestFactory\.create\((\w+)/, '$&, new FastifyAdapter()');
  if (onFastify === text) throw new Error(`${program} creates no app`);
  await writeFile(
    program,
    `import { FastifyAdapter } from '@nestjs/platform-fastify';\n${onFastify}`,
  );
}
