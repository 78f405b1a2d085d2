import { createPublicKey, type KeyObject } from 'node:crypto';

/** The same key without the parameters of RSASSA-PSS, with which WebCrypto does not take it. */
export function plainRsaKey(key: KeyObject): KeyObject {
  // SubjectPublicKeyInfo: a sequence of the algorithm and a bit string, whose first byte counts the unused bits.
  const info = key.export({ type: 'spki', format: 'der' });
  const algorithm = contentOf(info, contentOf(info, 0).start);
  const bits = contentOf(info, algorithm.end);
  return createPublicKey({
    key: info.subarray(bits.start + 1, bits.end),
    format: 'der',
    type: 'pkcs1',
  });
}

/** Where the content of a DER element lies. */
function contentOf(der: Buffer, at: number): { start: number; end: number } {
  const first = der.readUInt8(at + 1);
  // A length below 0x80 is the first byte itself; else that byte counts, above 0x80, the bytes of the length.
  const lengthBytes = Math.max(0, first - 0x80);
  const length = lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes);
  const start = at + 2 + lengthBytes;
  return { start, end: start + length };
}
