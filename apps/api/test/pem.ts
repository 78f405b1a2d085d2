import type { KeyObject } from 'node:crypto';

/** A key in PEM. */
export function pem(key: KeyObject): string {
  return key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString();
}
