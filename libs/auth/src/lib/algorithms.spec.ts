import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { algorithmsOf, PUBLIC_KEY_ALGORITHMS } from './algorithms';

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const RSA_PSS = ['PS256', 'PS384', 'PS512'];

/** Fakes a key by its description, as generating real ones is slow. */
const described = (
  asymmetricKeyType: string,
  asymmetricKeyDetails: KeyObject['asymmetricKeyDetails'],
) => ({ asymmetricKeyType, asymmetricKeyDetails }) as KeyObject;
/** Fakes an RSASSA-PSS key of 2048 bits. */
const pss = (details: object = {}) => described('rsa-pss', { modulusLength: 2048, ...details });
const hashed = (hashAlgorithm: string, saltLength: number, mgf1HashAlgorithm = hashAlgorithm) =>
  pss({ hashAlgorithm, mgf1HashAlgorithm, saltLength });
const curve = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey;

describe('algorithmsOf', () => {
  it.each<[string, KeyObject, string[]]>([
    ['P-256', curve('prime256v1'), ['ES256']],
    ['P-384', curve('secp384r1'), ['ES384']],
    ['P-521', curve('secp521r1'), ['ES512']],
    ['another curve', curve('secp256k1'), []],
    ['Ed25519', generateKeyPairSync('ed25519').publicKey, ['EdDSA', 'Ed25519']],
    ['Ed448', generateKeyPairSync('ed448').publicKey, []],
    ['X25519, which only encrypts', generateKeyPairSync('x25519').publicKey, []],
    ['a secret', createSecretKey(Buffer.alloc(32)), []],
    ['short RSA', generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey, []],
  ])('returns the algorithms of a key of type %s', (_, key, expected) => {
    expect(algorithmsOf(key)).toEqual(expected);
  });

  it.each<[string, number, string[]]>([
    ['rsa', 2047, []],
    ['rsa', 2048, RSA],
    ['rsa', 4096, RSA],
    ['rsa-pss', 2047, []],
    ['rsa-pss', 2048, RSA_PSS],
  ])('returns the algorithms of a key of type %s with %d bits', (type, modulusLength, expected) => {
    expect(algorithmsOf(described(type, { modulusLength }))).toEqual(expected);
  });

  it('returns none for an RSA key of unknown length', () => {
    expect(algorithmsOf(described('rsa', undefined))).toEqual([]);
    expect(algorithmsOf(described('rsa-pss', {}))).toEqual([]);
  });

  it.each<[string, KeyObject, string[]]>([
    ['without parameters', pss(), RSA_PSS],
    ['with SHA-256', hashed('sha256', 32), ['PS256']],
    ['with SHA-384', hashed('sha384', 48), ['PS384']],
    ['with SHA-512', hashed('sha512', 64), ['PS512']],
    ['that allow a shorter salt', hashed('sha256', 20), ['PS256']],
    ['that require a longer salt', hashed('sha256', 33), []],
    ['that require a longer salt than SHA-512', hashed('sha512', 65), []],
    ['with another hash for the mask', hashed('sha256', 32, 'sha1'), []],
    ['with a hash that JWS does not support', hashed('sha1', 20), []],
    [
      'that leave the salt to the signer',
      pss({ hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256' }),
      ['PS256'],
    ],
  ])('returns the algorithms of RSASSA-PSS keys %s', (_, key, expected) => {
    expect(algorithmsOf(key)).toEqual(expected);
  });
});

describe('PUBLIC_KEY_ALGORITHMS', () => {
  it('contains the algorithms of all key types, and no HMAC', () => {
    expect(PUBLIC_KEY_ALGORITHMS).toEqual([
      ...RSA,
      ...['ES256', 'ES384', 'ES512'],
      ...['EdDSA', 'Ed25519'],
    ]);
  });
});
