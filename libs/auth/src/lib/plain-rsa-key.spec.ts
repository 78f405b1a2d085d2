import {
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult as Pair,
  sign,
  verify,
} from 'node:crypto';
import { plainRsaKey } from './plain-rsa-key';

/** @param parameters of RSASSA-PSS, which make the encoded key longer. */
const pss = (modulusLength: number, parameters: object) =>
  // The types of Node.js only declare overloads that encode the keys.
  (generateKeyPairSync as (type: string, options: object) => Pair)('rsa-pss', {
    modulusLength,
    ...parameters,
  });
const SHA256 = { hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256', saltLength: 20 };

describe('plainRsaKey', () => {
  // The lengths of a key's parts are encoded in one, two or three bytes.
  it.each([512, 1024, 2048])('returns a key that verifies signatures of %d bits', (bits) => {
    for (const parameters of [{}, SHA256]) {
      const { privateKey, publicKey } = pss(bits, parameters);
      const plain: KeyObject = plainRsaKey(publicKey);
      expect(plain.asymmetricKeyType).toBe('rsa');
      expect(plain.asymmetricKeyDetails).toEqual({
        modulusLength: bits,
        publicExponent: 65537n,
      });
      const data = Buffer.from('data');
      const scheme = { padding: 6, saltLength: 20 };
      const signature = sign('sha256', data, { key: privateKey, ...scheme });
      expect(verify('sha256', data, { key: plain, ...scheme }, signature)).toBe(true);
    }
  });
});
