import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess, SEARCH_PATH } from '@calls/testing';

const EXAMPLES = resolve(__dirname, '../../../../examples');
const STARTS_WITHIN_MS = 10_000;

/** Lets nginx run a file of `/etc/nginx/conf.d` as any user, with all its files in one directory. */
const NGINX_MAIN = `
daemon off;
pid nginx.pid;
worker_processes 1;
error_log error.log warn;
${process.getuid?.() === 0 ? `user ${userInfo().username};` : ''}
events {}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  include server.conf;
}`;

/** Reads an example's configuration, and replaces addresses and paths. */
export function example(path: string, replacements: Record<string, string>): string {
  return replaced(readFileSync(join(EXAMPLES, path), 'utf8'), replacements);
}

/** @throws Error if one of the texts is missing. */
export function replaced(text: string, replacements: Record<string, string>): string {
  for (const [from, to] of Object.entries(replacements)) {
    if (!text.includes(from)) throw new Error(`The configuration does not contain: ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** A certificate for `localhost` and its key in one file, as HAProxy requires and nginx accepts. */
export interface Certificate {
  readonly path: string;
  remove(): void;
}

export function createCertificate(): Certificate {
  const directory = mkdtempSync(join(tmpdir(), 'certificate-'));
  const path = join(directory, 'localhost.pem');
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', path];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const certificate = execFileSync('openssl', ['req', '-x509', ...key, ...name, '-days', '2'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  writeFileSync(path, certificate, { flag: 'a' });
  return { path, remove: () => rmSync(directory, { recursive: true }) };
}

/** nginx, HAProxy or Caddy as a process of the current user. */
export class Proxy {
  private static readonly running = new Set<ChildProcess>();

  private output = '';

  private constructor(
    private readonly directory: string,
    private readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    Proxy.running.add(child);
    child.once('exit', () => Proxy.running.delete(child));
  }

  /** @param address one that the configuration listens on, such as `127.0.0.1:8080`. */
  static nginx(configuration: string, address: string): Promise<Proxy> {
    const directory = mkdtempSync(join(tmpdir(), 'nginx-'));
    const main = join(directory, 'nginx.conf');
    writeFileSync(main, NGINX_MAIN);
    writeFileSync(join(directory, 'server.conf'), configuration);
    const log = join(directory, 'error.log');
    return Proxy.start(directory, 'nginx', ['-p', directory, '-c', main, '-e', log], address);
  }

  /** @param address one that the configuration listens on, such as `127.0.0.1:8080`. */
  static haproxy(configuration: string, address: string): Promise<Proxy> {
    const directory = mkdtempSync(join(tmpdir(), 'haproxy-'));
    const file = join(directory, 'haproxy.cfg');
    writeFileSync(file, configuration);
    return Proxy.start(directory, 'haproxy', ['-db', '-f', file], address);
  }

  /** @param address one that the configuration listens on, such as `127.0.0.1:8080`. */
  static caddy(configuration: string, address: string): Promise<Proxy> {
    const directory = mkdtempSync(join(tmpdir(), 'caddy-'));
    const file = join(directory, 'Caddyfile');
    writeFileSync(file, configuration);
    const args = ['run', '--config', file, '--adapter', 'caddyfile'];
    return Proxy.start(directory, 'caddy', args, address);
  }

  private static async start(
    directory: string,
    program: string,
    args: string[],
    address: string,
  ): Promise<Proxy> {
    // Caddy saves its configuration in the home directory.
    const env = { PATH: SEARCH_PATH, HOME: directory };
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const proxy = new Proxy(directory, child);
    await once(child, 'spawn');
    const deadline = performance.now() + STARTS_WITHIN_MS;
    while (!(await listens(address))) {
      if (child.exitCode !== null || performance.now() > deadline) {
        const log = proxy.log();
        await proxy.stop();
        throw new Error(`${program} did not listen on ${address}:\n${log}`);
      }
      await sleep(20);
    }
    return proxy;
  }

  /** Stops the proxies that a failed test left running. */
  static killAll(): void {
    // After SIGKILL, nginx's master could not stop its workers.
    for (const child of Proxy.running) child.kill('SIGTERM');
  }

  /** The output and, of nginx, the error log. */
  log(): string {
    const file = join(this.directory, 'error.log');
    return this.output + (existsSync(file) ? readFileSync(file, 'utf8') : '');
  }

  /** The resident memory of nginx's workers. */
  workerMegabytes(): number {
    const processes = execFileSync('ps', ['-A', '-o', 'ppid=,rss=']).toString().trim().split('\n');
    return processes
      .map((line) => line.trim().split(/\s+/).map(Number) as [number, number])
      .filter(([parent]) => parent === this.child.pid)
      .reduce((sum, [, kilobytes]) => sum + kilobytes / 1024, 0);
  }

  async stop(): Promise<void> {
    await endProcess(this.child);
    rmSync(this.directory, { recursive: true });
  }
}

async function listens(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
