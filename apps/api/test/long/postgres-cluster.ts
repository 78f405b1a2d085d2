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

/** Where Debian has the server's programs, the newest last. */
const DEBIAN = '/usr/lib/postgresql';

function programs(): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const newest = versions.sort((a, b) => Number(a) - Number(b)).at(-1);
  return newest
    ? join(DEBIAN, newest, 'bin')
    : execFileSync('pg_config', ['--bindir']).toString().trim();
}

/** A PostgreSQL server of the suite's own, so that it may be stopped. Its programs have to be installed. */
export class PostgresCluster {
  private constructor(
    private readonly directory: string,
    readonly port: number,
    private readonly settings: string,
  ) {}

  /**
   * @param files that it starts with beside or instead of its own, by their names.
   * @param settings of the server, such as `-c fsync=off`.
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

  /** Another server that follows this one. What stands in the way of what it has to replay is cancelled at once. */
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

  /** Writes a file of its directory, which only the server may read. */
  write(name: string, text: string): void {
    const path = join(this.directory, 'data', name);
    rmSync(path, { force: true });
    writeFileSync(path, text, { mode: 0o600 });
    own(path);
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** What the server has logged. */
  get log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  private get logFile(): string {
    return join(this.directory, 'server.log');
  }

  start(): void {
    const options = `-c listen_addresses=127.0.0.1 -c port=${this.port} -c unix_socket_directories=${this.directory} ${this.settings}`;
    this.run('pg_ctl', `--log=${this.logFile}`, '--wait', `--options=${options}`, 'start');
  }

  /** `fast` ends the sessions, `immediate` is a crash. */
  stop(mode: 'fast' | 'immediate'): void {
    this.run('pg_ctl', '--wait', `--mode=${mode}`, 'stop');
  }

  remove(): void {
    this.stop('immediate');
    rmSync(this.directory, { recursive: true });
  }

  /** The programs refuse to run as root. */
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

/** Gives a file to the user that the server runs as. */
function own(path: string): void {
  if (process.getuid?.() !== 0) return;
  const id = (option: string) => Number(execFileSync('id', [option, 'postgres']).toString());
  chownSync(path, id('-u'), id('-g'));
}
