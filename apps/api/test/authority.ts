import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A private certificate authority, with the paths of its keys and certificates. */
export class Authority {
  readonly directory = mkdtempSync(join(tmpdir(), 'authority-'));
  readonly certificate: string;

  constructor() {
    this.certificate = this.make('ca', 'the authority', ['-x509', '-days', '2']);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  text(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** @param days how long the certificate is valid; negative if expired. */
  issue(name: string, subject: string, days = 2): void {
    this.make(name, subject, ['-addext', `subjectAltName=DNS:${subject}`]);
    const signed = ['-CA', this.path('ca.pem'), '-CAkey', this.path('ca.key'), '-CAcreateserial'];
    this.openssl(
      'x509',
      '-req',
      '-in',
      this.path(`${name}.pem`),
      ...signed,
      '-copy_extensions',
      'copy',
      '-days',
      String(days),
      '-out',
      this.path(`${name}.pem.signed`),
    );
    execFileSync('mv', [this.path(`${name}.pem.signed`), this.path(`${name}.pem`)]);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  private make(name: string, subject: string, options: string[]): string {
    const [key, out] = [this.path(`${name}.key`), this.path(`${name}.pem`)];
    this.openssl(
      'req',
      '-nodes',
      '-newkey',
      'rsa:2048',
      '-subj',
      `/CN=${subject}`,
      '-keyout',
      key,
      '-out',
      out,
      ...options,
    );
    return out;
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: 'ignore' });
  }
}
