import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@calls/testing';

/** The directory in which Debian installs each version of the server. */
const DEBIAN = '/usr/lib/postgresql';

function programs(): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const newest = versions.sort((a, b) => Number(a) - Number(b)).at(-1);
  return newest
    ? join(DEBIAN, newest, 'bin')
    : execFileSync('pg_config', ['--bindir']).toString().trim();
}

/** A PostgreSQL server for one suite, which can stop it. Needs the server's programs. */
export class PostgresCluster {
  private constructor(
    private readonly directory: string,
    readonly port: number,
    private readonly settings: string,
  ) {}

  /**
   * @param files to add to the data directory, or to replace there, by name.
   * @param settings command line options of the server, such as `-c fsync=off`.
   */
  static async create(
    files: Readonly<Record<string, string>> = {},
    settings = '',
  ): Promise<PostgresCluster> {
    const cluster = await PostgresCluster.inNewDirectory(settings);
    cluster.run(
      'initdb',
      '--auth=trust',
      '--username=postgres',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
    );
    for (const [name, text] of Object.entries(files)) cluster.write(name, text);
    cluster.start();
    return cluster;
  }

  /** Starts a replica. Its `max_standby_streaming_delay` of 0 cancels conflicting queries at once. */
  async replica(): Promise<PostgresCluster> {
    const replica = await PostgresCluster.inNewDirectory('-c max_standby_streaming_delay=0');
    replica.run(
      'pg_basebackup',
      `--dbname=${this.url}`,
      '--checkpoint=fast',
      '--write-recovery-conf',
    );
    replica.start();
    return replica;
  }

  private static async inNewDirectory(settings = ''): Promise<PostgresCluster> {
    const directory = mkdtempSync(join(tmpdir(), 'postgres-cluster-'));
    own(directory);
    return new PostgresCluster(directory, await freePort(), settings);
  }

  /** Writes a file into the data directory, readable by the server only. */
  write(name: string, text: string): void {
    const path = join(this.directory, 'data', name);
    rmSync(path, { force: true });
    writeFileSync(path, text, { mode: 0o600 });
    own(path);
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** The server's log. */
  get log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  private get logFile(): string {
    return join(this.directory, 'server.log');
  }

  start(): void {
    const options = [
      '-c listen_addresses=127.0.0.1',
      `-c port=${this.port}`,
      `-c unix_socket_directories=${this.directory}`,
      this.settings,
    ].join(' ');
    this.run('pg_ctl', `--log=${this.logFile}`, '--wait', `--options=${options}`, 'start');
  }

  /** @param mode `fast` closes the sessions, `immediate` simulates a crash. */
  stop(mode: 'fast' | 'immediate'): void {
    this.run('pg_ctl', '--wait', `--mode=${mode}`, 'stop');
  }

  remove(): void {
    this.stop('immediate');
    rmSync(this.directory, { recursive: true });
  }

  /** Runs a program as the user `postgres` if this is root, which PostgreSQL refuses to run as. */
  private run(program: string, ...args: string[]): void {
    const command = [
      join(programs(), program),
      `--pgdata=${join(this.directory, 'data')}`,
      ...args,
    ];
    if (process.getuid?.() === 0) command.unshift('runuser', '-u', 'postgres', '--');
    execFileSync(command[0] as string, command.slice(1), {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
}

/** Makes the server's user the owner of a file. */
function own(path: string): void {
  if (process.getuid?.() !== 0) return;
  const id = (option: string) => Number(execFileSync('id', [option, 'postgres']).toString());
  chownSync(path, id('-u'), id('-g'));
}
