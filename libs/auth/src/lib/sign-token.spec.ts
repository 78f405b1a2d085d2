import { createHmac } from 'node:crypto';
import { signToken } from './sign-token';

const SECRET = 'a secret for the tests of 32 bytes or more';
const KEY = { key: { secret: SECRET } };
const NOW = 1_700_000_000;

describe('signToken', () => {
  beforeEach(() => jest.useFakeTimers({ now: NOW * 1000 + 999 }));
  afterEach(() => jest.useRealTimers());

  const read = (part: string | undefined) =>
    JSON.parse(Buffer.from(part ?? '', 'base64url').toString());

  it('signs with HS256 and the secret', async () => {
    const token = await signToken(KEY, 1, 60);
    const [header, claims, signature] = token.split('.');
    expect(read(header)).toEqual({ alg: 'HS256', typ: 'JWT' });
    const expected = createHmac('sha256', SECRET).update(`${header}.${claims}`);
    expect(signature).toBe(expected.digest('base64url'));
  });

  it.each<[string, Parameters<typeof signToken>[0], number | string, object]>([
    ['only the account', KEY, 7, { account_id: 7 }],
    ['an account that is a string', KEY, 'acme', { account_id: 'acme' }],
    ['an issuer', { ...KEY, issuer: 'us' }, 7, { account_id: 7, iss: 'us' }],
    ['an audience', { ...KEY, audience: 'calls' }, 7, { account_id: 7, aud: 'calls' }],
    [
      'claims with other names',
      { ...KEY, audience: 'calls', audienceClaim: 'client_id', accountClaim: 'org' },
      7,
      { org: 7, client_id: 'calls' },
    ],
    ['the account in the issuer claim', { ...KEY, accountClaim: 'iss' }, 'x', { iss: 'x' }],
    ['the account in the audience claim', { ...KEY, accountClaim: 'aud' }, 'x', { aud: 'x' }],
    [
      'no audience claim without an audience',
      { ...KEY, audienceClaim: 'client_id' },
      7,
      { account_id: 7 },
    ],
  ])('includes %s', async (_, settings, account, expected) => {
    const [, claims] = (await signToken(settings, account, 60)).split('.');
    expect(read(claims)).toEqual({ ...expected, iat: NOW, exp: NOW + 60 });
  });
});
