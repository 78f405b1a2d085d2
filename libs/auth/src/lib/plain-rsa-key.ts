import { createPublicKey, type KeyObject } from 'node:crypto';

/** Returns an RSASSA-PSS key as a plain RSA key. WebCrypto rejects keys with RSASSA-PSS parameters. */
export function plainRsaKey(key: KeyObject): KeyObject {
  // SubjectPublicKeyInfo is a sequence of the algorithm and a bit string, whose first byte is the number of
  // unused bits.
  const info = key.export({ type: 'spki', format: 'der' });
  const algorithm = contentOf(info, contentOf(info, 0).start);
  const bits = contentOf(info, algorithm.end);
  return createPublicKey({
    key: info.subarray(bits.start + 1, bits.end),
    format: 'der',
    type: 'pkcs1',
  });
}

/** Returns the range of the content of a DER element. */
function contentOf(der: Buffer, at: number): { start: number; end: number } {
  const first = der.readUInt8(at + 1);
  // The first byte is the length if it is below 0x80; otherwise 0x80 plus the number of length bytes that
  // follow.
  const lengthBytes = Math.max(0, first - 0x80);
  const length = lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes);
  const start = at + 2 + lengthBytes;
  return { start, end: start + length };
}
