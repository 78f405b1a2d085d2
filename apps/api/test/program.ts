import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from './workspace';

const DIST = join(ROOT, 'dist/apps/api');

/** The line that the API logs when it listens. */
export const LISTENING = /Listening on (http:\/\/127\.0\.0\.1:\d+)/;

/** Node.js options for a small heap, so that garbage is collected before memory is measured. */
export const SMALL_HEAP = ['--max-old-space-size=96', '--max-semi-space-size=4'];

/** Runs a program of the built API as its users do, in its own directory and environment. */
export class Program {
  private static readonly running = new Set<ChildProcess>();

  output = '';
  readonly child: ChildProcess;
  private readonly exit: Promise<unknown[]>;

  /**
   * @param nodeOptions options of Node.js itself.
   * @param node the Node.js executable. Default the one that runs the tests.
   */
  constructor(
    name: string,
    environment: NodeJS.ProcessEnv,
    directory: string,
    args: string[] = [],
    nodeOptions: string[] = [],
    node = process.execPath,
  ) {
    const { PATH } = process.env;
    this.child = spawn(node, [...nodeOptions, Program.path(name), ...args], {
      cwd: directory,
      env: { PATH, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.exit = once(this.child, 'exit');
    Program.running.add(this.child);
    this.child.once('exit', () => Program.running.delete(this.child));
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  /** The file of a program, such as `main`. */
  static path(name: string): string {
    return join(DIST, `${name}.js`);
  }

  /** Kills programs that a failed test left running. */
  static killAll(): void {
    for (const child of Program.running) child.kill('SIGKILL');
  }

  /** Waits for the exit, and returns the exit code or the signal, such as SIGSEGV. */
  async exitCode(): Promise<unknown> {
    const [code, signal] = await this.exit;
    return code ?? signal;
  }

  /**
   * Waits until the output matches, and returns the first group.
   *
   * @throws if the program exits first.
   */
  async printed(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) return match[1] as string;
      const [event] = await Promise.race([
        this.exit.then(() => ['exit']),
        once(this.child.stdout as NonNullable<ChildProcess['stdout']>, 'data').then(() => ['data']),
      ]);
      if (event === 'exit')
        throw new Error(`The program ended without printing ${pattern}:\n${this.output}`);
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<unknown> {
    this.child.kill(signal);
    return this.exitCode();
  }
}

/** Exports from an API, and returns the text of the file. */
export async function exportFrom(url: string, token: string, query = ''): Promise<string> {
  const response = await fetch(`${url}/api/v1/calls/export${query}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return response.text();
}
