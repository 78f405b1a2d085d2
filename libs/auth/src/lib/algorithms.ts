import type { KeyObject } from 'node:crypto';

const RSA_BITS = 2048;
const RSA = ['RS256', 'RS384', 'RS512'];
const RSA_PSS = ['PS256', 'PS384', 'PS512'];
const EC: Readonly<Record<string, string[]>> = {
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  secp521r1: ['ES512'],
};
const ED25519 = ['EdDSA', 'Ed25519'];

/**
 * All accepted algorithms for public keys. HMAC must not be one: anyone could sign with the public key as the
 * secret.
 */
export const PUBLIC_KEY_ALGORITHMS: readonly string[] = [
  ...RSA,
  ...RSA_PSS,
  ...Object.values(EC).flat(),
  ...ED25519,
];

/**
 * Returns the algorithms that a public key may verify: none if its type is not supported or it is too short.
 */
export function algorithmsOf(key: KeyObject): readonly string[] {
  const { asymmetricKeyType, asymmetricKeyDetails: details = {} } = key;
  switch (asymmetricKeyType) {
    case 'rsa':
      return isLongEnough(details) ? [...RSA, ...RSA_PSS] : [];
    case 'rsa-pss':
      return isLongEnough(details) ? RSA_PSS.filter((name) => fitsParameters(name, details)) : [];
    case 'ec':
      return EC[String(details.namedCurve)] ?? [];
    case 'ed25519':
      return ED25519;
    default:
      return [];
  }
}

type Details = NonNullable<KeyObject['asymmetricKeyDetails']>;

function isLongEnough({ modulusLength = 0 }: Details): boolean {
  return modulusLength >= RSA_BITS;
}

/**
 * Whether the parameters of an RSASSA-PSS key (RFC 4055, section 3.1) allow a JWS algorithm. In JWS, the salt
 * is as long as the hash.
 */
function fitsParameters(name: string, details: Details): boolean {
  const { hashAlgorithm, mgf1HashAlgorithm, saltLength = 0 } = details;
  if (hashAlgorithm === undefined) return true;
  const bits = name.slice('PS'.length);
  const isHash = hashAlgorithm === `sha${bits}` && mgf1HashAlgorithm === hashAlgorithm;
  return isHash && saltLength <= Number(bits) / 8;
}
