import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Logger, ServiceUnavailableException } from '@nestjs/common';
import { KeyServer } from './key-server';
import { TokenRefused } from './token-refused';

const URI = 'https://keys.example/set';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const NOW = 1_700_000_000_000;

const keyOf = ({ publicKey }: { publicKey: KeyObject }) => publicKey;
const ED25519 = keyOf(generateKeyPairSync('ed25519'));
const OTHER_ED25519 = keyOf(generateKeyPairSync('ed25519'));
const P256 = keyOf(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }));

describe('KeyServer', () => {
  let server: KeyServer;
  let now: number;
  /** Responds to each fetch. */
  let respond: () => Promise<Response>;
  let fetched: jest.SpyInstance;
  const warnings: unknown[][] = [];

  beforeAll(() => {
    const warn = (...line: unknown[]) => void warnings.push(line);
    Logger.overrideLogger({ log: warn, error: warn, warn });
  });
  beforeEach(() => {
    now = NOW;
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    fetched = jest.spyOn(globalThis, 'fetch').mockImplementation(() => respond());
    warnings.length = 0;
    server = new KeyServer(URI);
  });
  afterEach(() => jest.restoreAllMocks());

  function publish(...keys: [KeyObject, kid?: string][]): void {
    const set = { keys: keys.map(([key, kid]) => ({ ...key.export({ format: 'jwk' }), kid })) };
    respond = async () => new Response(JSON.stringify(set));
  }
  function fail(error: Error): void {
    respond = () => Promise.reject(error);
  }

  /** Returns the names of the keys found, or the reason for a refusal. */
  async function find(kid?: string, algorithm = 'EdDSA'): Promise<unknown> {
    const names: [KeyObject, string][] = [
      [ED25519, 'Ed25519'],
      [OTHER_ED25519, 'other Ed25519'],
      [P256, 'P-256'],
    ];
    try {
      const keys = await server.find(algorithm, kid);
      return keys.map((found) => names.find(([key]) => key.equals(found))?.[1]);
    } catch (error) {
      if (error instanceof TokenRefused) return error.reason;
      return error instanceof ServiceUnavailableException ? 'unavailable' : error;
    }
  }
  const fetches = () => fetched.mock.calls.length;

  describe('finds', () => {
    it('the key with the id in the token, with one fetch', async () => {
      publish([ED25519, 'one'], [OTHER_ED25519, 'two'], [P256, 'three']);
      expect(await find('two')).toEqual(['other Ed25519']);
      expect(await find('three', 'ES256')).toEqual(['P-256']);
      expect(fetched.mock.calls).toEqual([[URI, expect.anything()]]);
    });

    it('both keys if they share the id', async () => {
      publish([ED25519, 'one'], [OTHER_ED25519, 'one'], [P256, 'one']);
      expect(await find('one')).toEqual(['Ed25519', 'other Ed25519']);
      expect(await find('one', 'ES256')).toEqual(['P-256']);
    });

    it('every key of the type if the token has no key id', async () => {
      publish([ED25519, 'one'], [P256], [OTHER_ED25519]);
      expect(await find()).toEqual(['Ed25519', 'other Ed25519']);
    });

    it('no key without an id for a token that has one', async () => {
      publish([ED25519]);
      expect(await find('one')).toBe('unknown_key');
      expect(await find('')).toBe('unknown_key');
    });

    it('no key whose type does not fit the algorithm', async () => {
      publish([ED25519, 'one']);
      expect(await find('one', 'ES256')).toBe('algorithm');
      expect(await find(undefined, 'ES256')).toBe('algorithm');
      expect(await find('two', 'ES256')).toBe('unknown_key');
    });
  });

  describe('fetches', () => {
    it('the keys once for concurrent requests', async () => {
      publish([ED25519, 'one']);
      const found = await Promise.all([find('one'), find('two'), find()]);
      expect([found, fetches()]).toEqual([[['Ed25519'], 'unknown_key', ['Ed25519']], 1]);
    });

    it('the keys again after ten minutes, so that a revoked key stops working', async () => {
      publish([ED25519, 'one']);
      await find('one');
      publish([P256, 'two']);
      now = NOW + 10 * MINUTE - 1;
      expect([await find('one'), fetches()]).toEqual([['Ed25519'], 1]);
      now = NOW + 10 * MINUTE;
      expect([await find('one'), fetches()]).toEqual(['unknown_key', 2]);
    });

    it('the keys again for an unknown key id, at most every 30 seconds', async () => {
      publish([ED25519, 'one']);
      await find('one');
      publish([ED25519, 'one'], [P256, 'new']);
      expect([await find('new', 'ES256'), fetches()]).toEqual(['unknown_key', 1]);
      now = NOW + 30 * SECOND - 1;
      expect([await find('new', 'ES256'), fetches()]).toEqual(['unknown_key', 1]);
      now = NOW + 30 * SECOND;
      expect([await find('new', 'ES256'), fetches()]).toEqual([['P-256'], 2]);
      expect([await find('made up'), fetches()]).toEqual(['unknown_key', 2]);
    });

    it('the keys again 5 seconds after a failed fetch', async () => {
      fail(new Error('down'));
      expect(await find('one')).toBe('unavailable');
      publish([ED25519, 'one']);
      now = NOW + 5 * SECOND - 1;
      expect([await find('one'), fetches()]).toEqual(['unavailable', 1]);
      now = NOW + 5 * SECOND;
      expect([await find('one'), fetches()]).toEqual([['Ed25519'], 2]);
    });

    it('the keys again if the clock went backwards', async () => {
      publish([ED25519, 'one']);
      await find('one');
      now = NOW - 1;
      publish([P256, 'two']);
      expect([await find('two', 'ES256'), fetches()]).toEqual([['P-256'], 2]);
    });

    it('the keys again only after a pause that starts when the last fetch ended', async () => {
      respond = async () => {
        now += 4 * SECOND;
        throw new Error('slow');
      };
      await find('one');
      now += 5 * SECOND - 1;
      expect([await find('one'), fetches()]).toEqual(['unavailable', 1]);
      now += 1;
      expect([await find('one'), fetches()]).toEqual(['unavailable', 2]);
    });
  });

  describe('while the server fails', () => {
    beforeEach(async () => {
      publish([ED25519, 'one']);
      await find('one');
      fail(new Error('down'));
    });

    it('keeps using the cached keys for an hour', async () => {
      now = NOW + 60 * MINUTE - 1;
      expect([await find('one'), fetches()]).toEqual([['Ed25519'], 2]);
      now = NOW + 60 * MINUTE;
      expect([await find('one'), fetches()]).toEqual(['unavailable', 2]);
      expect([await find(), fetches()]).toEqual(['unavailable', 2]);
    });

    it('throws ServiceUnavailableException for an unknown key id', async () => {
      now = NOW + 30 * SECOND;
      expect(await find('new')).toBe('unavailable');
      await expect(server.find('EdDSA', 'new')).rejects.toThrow(
        "The key server is unavailable, so tokens can't be verified: try again soon",
      );
    });

    it('refuses the token again once the server works', async () => {
      now = NOW + 30 * SECOND;
      await find('new');
      publish([ED25519, 'one']);
      now += 5 * SECOND;
      expect([await find('new'), fetches()]).toEqual(['unknown_key', 3]);
      // The pause is the long one again.
      now += 5 * SECOND;
      expect([await find('new'), fetches()]).toEqual(['unknown_key', 3]);
    });
  });

  describe('warns', () => {
    const because = (message: string, cause?: object) =>
      Object.assign(new TypeError(message), { cause });

    it.each([
      ['the message of the error', because('bad port'), 'bad port'],
      [
        'the message of its cause',
        because('fetch failed', new Error('self-signed')),
        'self-signed',
      ],
      [
        'the message of its cause rather than its code',
        because('fetch failed', Object.assign(new Error('refused by ::1'), { code: 'EREFUSED' })),
        'refused by ::1',
      ],
      [
        'the code of its cause if that has no message',
        because('fetch failed', Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })),
        'ECONNREFUSED',
      ],
      [
        'the message of the error if its cause says nothing',
        because('fetch failed', {}),
        'fetch failed',
      ],
    ])('about a failed fetch, with %s', async (_, error, reason) => {
      fail(error);
      await find();
      expect(warnings).toEqual([[`Can't fetch the key set: ${reason}`, 'Auth']]);
    });

    it('about a key set only if none of its keys can verify tokens', async () => {
      publish();
      expect(await find()).toBe('unknown_key');
      expect(warnings).toEqual([['The key set has no key that can verify tokens', 'Auth']]);
      publish([ED25519]);
      now += 30 * SECOND;
      expect(await find()).toEqual(['Ed25519']);
      expect(warnings).toHaveLength(1);
    });
  });
});
