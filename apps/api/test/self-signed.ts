import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A key and a self-signed certificate for localhost, in PEM. */
export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
}

let cached: SelfSigned | undefined;

/** Returns the same key and certificate on every call, created by `openssl`. */
export function selfSigned(): SelfSigned {
  cached ??= create();
  return cached;
}

function create(): SelfSigned {
  const directory = mkdtempSync(join(tmpdir(), 'self-signed-'));
  try {
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(directory, name)) as [
      string,
      string,
    ];
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-nodes',
          '-newkey',
          'rsa:2048',
          '-days',
          '2',
          '-subj',
          '/CN=localhost',
        ],
        ...['-keyout', key, '-out', cert],
      ],
      { stdio: 'ignore' },
    );
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
