import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

const DIST = resolve(__dirname, '../../../dist/apps/api');

/** What the API prints when it listens. */
export const LISTENING = /Listening on (http:\/\/127\.0\.0\.1:\d+)/;

/** Options of Node.js with which the heap is small, so that garbage that V8 lets stand is not taken for what requests hold. */
export const SMALL_HEAP = ['--max-old-space-size=96', '--max-semi-space-size=4'];

/** A program of the built API, run as its users run it, in a directory and with an environment of its own. */
export class Program {
  private static readonly running = new Set<ChildProcess>();

  output = '';
  readonly child: ChildProcess;
  private readonly exit: Promise<unknown[]>;

  /**
   * @param nodeOptions for Node itself.
   * @param node the Node.js that runs it. Default the one that runs the tests.
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

  /** The file of a program. */
  static path(name: string): string {
    return join(DIST, `${name}.js`);
  }

  /** Ends what a test that failed has left. */
  static killAll(): void {
    for (const child of Program.running) child.kill('SIGKILL');
  }

  /** @returns its exit code, or the signal that ended it, such as SIGSEGV. */
  async exitCode(): Promise<unknown> {
    const [code, signal] = await this.exit;
    return code ?? signal;
  }

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
