import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { algorithmsOf } from './algorithms';

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 1_000_000;
const MAX_KEYS = 100;

/** A key of a key set. */
export interface PublishedKey {
  readonly kid: unknown;
  readonly key: KeyObject;
  readonly algorithms: readonly string[];
}

/**
 * Fetches a JSON Web Key Set (RFC 7517). It must arrive within 5 seconds, without a redirect, and have at most 1 MB and 100 keys.
 *
 * @returns its keys that verify signatures; others are left out.
 * @throws Error whose message says what is wrong.
 */
export async function fetchKeySet(uri: string): Promise<readonly PublishedKey[]> {
  // For the whole response, however slowly it comes.
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(uri, {
    redirect: 'manual',
    headers: { accept: 'application/json, application/jwk-set+json' },
    signal,
  });
  if (response.status !== 200) {
    void response.body?.cancel();
    throw new Error(`status ${response.status}, must be 200 (redirects are not followed)`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Never null with a status of 200.
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    bytes += chunk.length;
    // Leaving the loop ends the connection.
    if (bytes > MAX_BYTES) throw new Error(`the response exceeds ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return keysOf(Buffer.concat(chunks).toString());
}

function keysOf(text: string): readonly PublishedKey[] {
  const { keys } = parse(text);
  if (!Array.isArray(keys)) throw new Error('the response is not a JSON Web Key Set');
  if (keys.length > MAX_KEYS) throw new Error(`the key set has more than ${MAX_KEYS} keys`);
  return keys.flatMap(usableKey);
}

function parse(text: string): { keys?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    throw new Error('the response is not JSON');
  }
}

/** No key if it is for encryption, of an unknown kind, too short, broken, or a secret that everyone can read. */
function usableKey(value: unknown): PublishedKey[] {
  const jwk: JsonWebKey = Object(value);
  const { d: secret, use = 'sig', key_ops: operations = ['verify'], alg, kid } = jwk;
  if (secret !== undefined || use !== 'sig') return [];
  if (!Array.isArray(operations) || !operations.includes('verify')) return [];
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const algorithms = algorithmsOf(key).filter((name) => alg === undefined || alg === name);
    return algorithms.length > 0 ? [{ kid, key, algorithms }] : [];
  } catch {
    return [];
  }
}
