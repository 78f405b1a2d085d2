import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { ROOT } from './workspace';

const FILES = [
  'docker-compose.yml',
  '.env.example',
  'deploy/make-env.sh',
  'docs/database-role.sql',
] as const;

/** The part of a service that the tests check. */
export interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly command?: string[];
  readonly environment: Record<string, string | number>;
  readonly read_only?: boolean;
  readonly tmpfs?: string[];
  readonly cap_drop?: string[];
  readonly security_opt?: string[];
  readonly mem_limit?: unknown;
  readonly cpus?: unknown;
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly ports?: unknown[];
  readonly volumes?: unknown[];
  readonly depends_on?: Record<string, { condition: string }>;
}

/** A copy of the files that `docker compose` needs. */
export class ComposeProject {
  readonly directory = mkdtempSync(join(tmpdir(), 'compose-'));

  constructor() {
    for (const file of FILES) {
      mkdirSync(dirname(join(this.directory, file)), { recursive: true });
      copyFileSync(join(ROOT, file), join(this.directory, file));
    }
  }

  path(file: string): string {
    return join(this.directory, file);
  }

  read(file: string): string {
    return readFileSync(this.path(file), 'utf8');
  }

  /** Runs the documented command that creates `.env`. */
  makeEnv(): string {
    return execFileSync(this.path('deploy/make-env.sh')).toString();
  }

  /**
   * The services as Compose resolves them, with the values of `.env`.
   *
   * @throws if Compose rejects the file, with its reason.
   */
  async services(): Promise<Record<string, Service>> {
    const { PATH } = process.env;
    const options = { cwd: this.directory, env: { PATH } };
    const { stdout } = await promisify(execFile)('docker-compose', ['config'], options);
    return (parse(stdout) as { services: Record<string, Service> }).services;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}
