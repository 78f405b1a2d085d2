import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { SEARCH_PATH } from '@calls/testing';
import type { Snippet } from './snippets';

/** The Python that has pandas. */
export const PYTHON = process.env['PYTHON'] ?? 'python3';

/** A temporary directory in which to run the snippets of the guide. */
export class Workspace {
  private constructor(
    private readonly directory: string,
    private readonly environment: Record<string, string>,
  ) {}

  /** @param environment additional variables for the snippets. */
  static async create(environment: Record<string, string>): Promise<Workspace> {
    return new Workspace(await mkdtemp(join(tmpdir(), 'calls-guide-')), environment);
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true });
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), 'utf8');
  }

  write(name: string, content: string | Buffer): Promise<void> {
    return writeFile(this.path(name), content);
  }

  /** Writes a snippet to the file that its first line names, such as `-- load.sql`. */
  async save(snippet: Snippet): Promise<void> {
    const [, name] = /^-- (\S+)\n/.exec(snippet.text) ?? [];
    if (name === undefined)
      throw new Error(`The snippet "${snippet.name}" must start with a file name`);
    await this.write(name, snippet.text);
  }

  /** Runs a script with `bash -e`, as the guide says. */
  shell(snippet: Snippet): Promise<string> {
    return this.run('bash', ['-e'], snippet.text);
  }

  /** Runs a snippet followed by `print`. @returns the output. */
  python(snippet: Snippet, print: string): Promise<string> {
    return this.run(PYTHON, ['-'], `${snippet.text}\n${print}`);
  }

  /** Runs a snippet and a query on a database in this directory. @returns the rows of the query. */
  async duckDb(snippet: Snippet, query: string): Promise<unknown> {
    const runner = resolve(__dirname, 'duckdb.mjs');
    const sql = `${snippet.text}\n${query}`;
    return JSON.parse(await this.run(process.execPath, [runner, 'guide.duckdb'], sql));
  }

  /** @throws Error with the output if the program fails. */
  async run(program: string, args: string[], input = ''): Promise<string> {
    const child = spawn(program, args, {
      cwd: this.directory,
      env: { HOME: this.directory, ...process.env, PATH: SEARCH_PATH, ...this.environment },
    });
    child.stdin.on('error', () => {}).end(input);
    const output = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    const [stdout, stderr, [exitCode]] = await output;
    if (exitCode !== 0) throw new Error(`${program} exited with ${exitCode}: ${stderr}${stdout}`);
    return stdout;
  }
}
