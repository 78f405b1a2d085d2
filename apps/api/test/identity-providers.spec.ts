import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { describeEachDatabase } from '@calls/testing';
import { type Algorithm, sign } from 'jsonwebtoken';
import { dataSourceOptions } from '../src/data-source-options';
import { readEnvironment } from '../src/read-environment';
import { KeyServer } from './key-server';
import { selfSigned } from './self-signed';
import { type Api, startApi } from './start-api';
import { readWorkspaceFile } from './workspace';

const PAGE = readWorkspaceFile('docs/identity-providers.md');
const ACCOUNT = 42;

type Claims = Record<string, unknown>;

/** Tokens and keys as a provider documents them. */
interface Provider {
  readonly name: string;
  readonly algorithm: Algorithm;
  /** The path of its key set. */
  readonly keysPath: string;
  /** Additional members of the key in the set, and the other keys of the set. */
  readonly jwk: (kid: string) => object;
  readonly otherKeys?: object[];
  readonly header?: object;
  readonly claims: Claims;
  /** Changed claims of tokens that must get a 401, by what is wrong with them. */
  readonly refused: Record<string, Claims>;
  /** Changed claims of a token without the account, which must get a 403. */
  readonly withoutAccount: Claims;
}

const { certificate } = selfSignedDer();
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const EC = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const OTHER_RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A certificate for `x5c`, which the API must not trust. */
function selfSignedDer(): { certificate: string } {
  const pem = String(selfSigned().cert);
  return { certificate: pem.replace(/-----[^-]+-----|\s/g, '') };
}
const thumbprint = createHash('sha1').update(certificate, 'base64').digest('base64url');
const jwkOf = (key: KeyObject, more: object) => ({ ...key.export({ format: 'jwk' }), ...more });

const KEYCLOAK = 'https://auth.example.com/realms/example';
const COGNITO = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example01';
const SUPABASE = 'https://abcdefghijklmnopqrst.supabase.co/auth/v1';
const POOL_CLIENT = '1example23456789';

const PROVIDERS: Provider[] = [
  {
    name: 'Auth0',
    algorithm: 'RS256',
    keysPath: '/.well-known/jwks.json',
    jwk: (kid) => ({ kid, use: 'sig', alg: 'RS256', x5t: thumbprint, x5c: [certificate] }),
    otherKeys: [jwkOf(OTHER_RSA.publicKey, { kid: 'next', use: 'sig', alg: 'RS256' })],
    claims: {
      iss: 'https://example.eu.auth0.com/',
      sub: 'auth0|5f7c8ec7c33c6c004bbafe82',
      aud: ['https://calls.example.com', 'https://example.eu.auth0.com/userinfo'],
      azp: 'my_client_id',
      scope: 'openid profile',
      'https://example.com/account_id': ACCOUNT,
    },
    refused: {
      'another tenant': { iss: 'https://other.eu.auth0.com/' },
      'no slash': { iss: 'https://example.eu.auth0.com' },
      'an ID token': { aud: 'my_client_id' },
    },
    withoutAccount: { 'https://example.com/account_id': undefined },
  },
  {
    name: 'Keycloak',
    algorithm: 'RS256',
    keysPath: '/realms/example/protocol/openid-connect/certs',
    jwk: (kid) => ({ kid, use: 'sig', alg: 'RS256', x5c: [certificate], x5t: thumbprint }),
    otherKeys: [
      jwkOf(OTHER_RSA.publicKey, { kid: 'enc', use: 'enc', alg: 'RSA-OAEP', x5c: [certificate] }),
    ],
    claims: {
      iss: KEYCLOAK,
      jti: randomUUID(),
      sub: randomUUID(),
      typ: 'Bearer',
      azp: 'web',
      aud: ['calls-export', 'account'],
      acr: '1',
      realm_access: { roles: ['offline_access'] },
      scope: 'openid email profile',
      account_id: String(ACCOUNT),
    },
    refused: {
      'another realm': { iss: 'https://auth.example.com/realms/other' },
      'no audience mapper': { aud: 'account' },
      'an ID token': { aud: 'web', typ: 'ID' },
    },
    withoutAccount: { account_id: undefined },
  },
  {
    name: 'Amazon Cognito',
    algorithm: 'RS256',
    keysPath: '/eu-west-1_Example01/.well-known/jwks.json',
    jwk: (kid) => ({ kid, use: 'sig', alg: 'RS256' }),
    otherKeys: [jwkOf(OTHER_RSA.publicKey, { kid: 'other', use: 'sig', alg: 'RS256' })],
    claims: {
      iss: COGNITO,
      sub: randomUUID(),
      'cognito:groups': ['users'],
      version: 2,
      client_id: POOL_CLIENT,
      origin_jti: randomUUID(),
      token_use: 'access',
      scope: 'openid',
      jti: randomUUID(),
      username: 'user',
      'custom:account_id': String(ACCOUNT),
    },
    refused: {
      'another pool': { iss: COGNITO.replace('Example01', 'Example02') },
      'another client': { client_id: '2example' },
      'an ID token': { client_id: undefined, aud: POOL_CLIENT, token_use: 'id' },
    },
    withoutAccount: { 'custom:account_id': undefined },
  },
  {
    name: 'Clerk',
    algorithm: 'RS256',
    keysPath: '/.well-known/jwks.json',
    jwk: (kid) => ({ kid, use: 'sig', alg: 'RS256' }),
    header: { cat: 'cl_B7d4PD111AAA' },
    claims: {
      iss: 'https://clerk.example.com',
      azp: 'https://app.example.com',
      fva: [7, -1],
      sid: 'sess_123',
      sub: 'user_123',
      sts: 'active',
      v: 2,
      o: { id: 'org_123', rol: 'admin', slg: 'org' },
      account_id: ACCOUNT,
    },
    refused: {
      'another instance': { iss: 'https://clerk.example.org' },
      'another application': { azp: 'https://evil.example' },
      'no application': { azp: undefined },
    },
    // The template yields null if the metadata is missing.
    withoutAccount: { account_id: null },
  },
  {
    name: 'Supabase',
    algorithm: 'ES256',
    keysPath: '/auth/v1/.well-known/jwks.json',
    jwk: (kid) => ({ kid, use: 'sig', alg: 'ES256', ext: true, key_ops: ['verify'] }),
    claims: {
      iss: SUPABASE,
      sub: randomUUID(),
      aud: 'authenticated',
      role: 'authenticated',
      email: 'user@example.com',
      aal: 'aal1',
      amr: [{ method: 'password', timestamp: 1 }],
      session_id: randomUUID(),
      is_anonymous: false,
      app_metadata: { provider: 'email', providers: ['email'], account_id: ACCOUNT },
      user_metadata: { account_id: 3 },
    },
    refused: {
      'another project': { iss: SUPABASE.replace('abc', 'xyz') },
      'the anon key': { iss: 'supabase', aud: undefined, role: 'anon' },
      'another audience': { aud: 'anon' },
    },
    withoutAccount: { app_metadata: { provider: 'email', providers: ['email'] } },
  },
];

/** The settings of a recipe on the page. */
function recipe(name: string): Record<string, string> {
  const [, block = ''] = new RegExp(`^## ${name}\n+\`\`\`sh\n([^\`]+)\`\`\``, 'm').exec(PAGE) ?? [];
  return Object.fromEntries(
    block
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

describeEachDatabase(
  'The recipe of an identity provider',
  dataSourceOptions,
  (database) => {
    let server: KeyServer | undefined;
    let api: Api | undefined;
    beforeAll(async () => {
      await database.dataSource.query(
        `INSERT INTO calls (account_id, call_sid, status, started_at) VALUES ($1, 'right', 'busy', now()), (3, 'wrong', 'busy', now())`,
        [ACCOUNT],
      );
    });
    afterEach(async () => {
      await api?.close();
      await server?.stop();
      api = server = undefined;
    });

    async function start(settings: Record<string, string>): Promise<void> {
      // Parses the settings of the page as the API does.
      const { JWT_SECRET, JWT_JWKS_URI, ...environment } = readEnvironment(settings);
      api = await startApi(database.url, {
        ...environment,
        DATABASE_URL: database.url,
        RATE_LIMIT_PER_ADDRESS: 1e9,
        RATE_LIMIT_PER_ACCOUNT: 1e9,
        SHUTDOWN_GRACE: 1,
        JWT_SECRET,
        JWT_JWKS_URI,
      });
    }
    async function send(
      token: string,
    ): Promise<{ status: number; sids?: string[]; body: unknown }> {
      const authorization = `Bearer ${token}`;
      const response = await (api as Api).export('format=json', { authorization });
      const body: unknown = await response.json();
      const sids = Array.isArray(body) ? body.map(({ call_sid }) => call_sid) : undefined;
      return { status: response.status, sids, body };
    }

    it.each(PROVIDERS)('only accepts valid tokens of $name', async (provider) => {
      const { algorithm, keysPath, jwk, otherKeys = [], header, claims } = provider;
      const { publicKey, privateKey } = algorithm === 'ES256' ? EC : RSA;
      const kid = randomUUID();
      server = await KeyServer.start(keysPath);
      server.keys = [...otherKeys, jwkOf(publicKey, jwk(kid))];
      const settings = recipe(provider.name);
      // The path of the provider, on the test's key server.
      const { pathname } = new URL(settings['JWT_JWKS_URI'] as string);
      await start({ ...settings, JWT_JWKS_URI: `${server.origin}${pathname}` });
      const tokenOf = (changes: Claims = {}, key = privateKey) => {
        const all = Object.entries({ ...claims, ...changes });
        const payload = Object.fromEntries(all.filter(([, value]) => value !== undefined));
        return sign(payload, key, {
          algorithm,
          expiresIn: 60,
          header: { alg: algorithm, typ: 'JWT', kid, ...header },
        });
      };

      expect(await send(tokenOf())).toMatchObject({ status: 200, sids: ['right'] });
      for (const [what, changes] of Object.entries(provider.refused)) {
        expect([what, (await send(tokenOf(changes))).status]).toEqual([what, 401]);
      }
      if (algorithm === 'RS256') {
        expect((await send(tokenOf({}, OTHER_RSA.privateKey))).status).toBe(401);
      }
      expect(await send(tokenOf(provider.withoutAccount))).toMatchObject({
        status: 403,
        body: {
          message: expect.stringContaining(`its claim ${settings['JWT_ACCOUNT_CLAIM']} must`),
        },
      });
      expect(server.requests).toBe(1);
    });

    it('accepts the legacy secret of Supabase', async () => {
      const settings = { ...recipe('Supabase'), JWT_JWKS_URI: '' };
      const secret = 'super-secret-jwt-token-with-at-least-32-characters-long';
      await start({ ...settings, JWT_SECRET: secret });
      const { claims } = PROVIDERS.find(({ name }) => name === 'Supabase') as Provider;
      const token = (key: string) => sign(claims, key, { algorithm: 'HS256', expiresIn: 60 });
      expect(await send(token(secret))).toMatchObject({ status: 200, sids: ['right'] });
      expect((await send(token(`${secret}r`))).status).toBe(401);
    });

    it('is tested here for each provider on the page', () => {
      const recipes = [...PAGE.matchAll(/^## (.+)\n+```sh\nJWT_/gm)].map(([, name]) => name);
      expect(recipes).toEqual(PROVIDERS.map(({ name }) => name));
    });
  },
  ['embedded PostgreSQL'],
);
