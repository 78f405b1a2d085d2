import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { algorithmsOf } from './algorithms';

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 1_000_000;
const MAX_KEYS = 100;

/** A key from a key set. */
export interface PublishedKey {
  readonly kid: unknown;
  readonly key: KeyObject;
  readonly algorithms: readonly string[];
}

/**
 * Fetches a JSON Web Key Set (RFC 7517). The limits are 5 seconds, 1 MB and 100 keys; redirects are not
 * followed.
 *
 * @returns the keys that can verify signatures.
 * @throws Error if the fetch fails, a limit is exceeded, or the response is not a key set.
 */
export async function fetchKeySet(uri: string): Promise<readonly PublishedKey[]> {
  // Covers the whole response, including a slow body.
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(uri, {
    redirect: 'manual',
    headers: { accept: 'application/json, application/jwk-set+json' },
    signal,
  });
  if (response.status !== 200) {
    void response.body?.cancel();
    throw new Error(`expected status 200, got ${response.status} (redirects are not followed)`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Never null with a status of 200.
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    bytes += chunk.length;
    // Leaving the loop closes the connection.
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

/**
 * Returns the key, or none if it is for encryption, unsupported, too short, invalid, or contains a private
 * part.
 */
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
