import { describeEachDatabase } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import type { Environment } from '../src/environment';
import { type Api, startApi } from './start-api';

/** Spellings of one address, by what they have in common. */
const SPELLINGS: Record<string, string[]> = {
  'IPv4, with a port and mapped to IPv6': [
    '203.0.113.7',
    '203.0.113.7:51234',
    '203.0.113.7:51235',
    '"203.0.113.7:1"',
    '::ffff:203.0.113.7',
    '::FFFF:203.0.113.7',
    '::ffff:cb00:7107',
    '0:0:0:0:0:ffff:203.0.113.7',
    '[::ffff:203.0.113.7]:443',
    '::ffff:203.0.113.7:443',
  ],
  'IPv6, short, long and with a port': [
    '2001:db8::1',
    '2001:DB8::1',
    '2001:0db8:0000:0000:0000:0000:0000:0001',
    '2001:db8:0:0:0:0:0.0.0.1',
    '[2001:db8::1]',
    '[2001:db8::1]:443',
    '[2001:DB8::1]:444',
    '"[2001:db8::1]:443"',
    '2001:0db8:0000:0000:0000:0000:0000:0001:443',
  ],
  'IPv6, in the same /64 network': [
    '2001:db8:1:2::1',
    '2001:db8:1:2:ffff:ffff:ffff:ffff',
    '[2001:db8:1:2:a::]:1',
  ],
  'IPv6, with a zone id': ['fe80::1', 'fe80::1%eth0', 'FE80::1%1', '[fe80::1%eth0]:443'],
};
/** All of different clients, though some look alike. */
const OTHERS = [
  '203.0.113.7:80',
  '203.0.113.8:80',
  '203.0.113.70',
  '2001:db8:1:2::1',
  '2001:db8:1:3::1',
  '2001:db8:1::2:0:0:1',
  '::1',
  '[::2]:80',
  'fe80:0:0:1::1%eth0',
];

describeEachDatabase(
  'An address in X-Forwarded-For',
  dataSourceOptions,
  (database) => {
    let api: Api;
    const start = async (settings: Partial<Environment>) => {
      api = await startApi(database.url, { RATE_LIMIT_PER_ADDRESS: 1_000_000, ...settings });
    };
    afterEach(() => api.close());

    /** How many requests this client has sent so far. */
    async function sentBy(forwarded: string): Promise<number> {
      const { headers } = await api.export('', { 'x-forwarded-for': forwarded });
      return 1_000_000 - Number(headers.get('x-ratelimit-remaining'));
    }

    describe.each<[string, string, (address: string) => string]>([
      ['1', 'alone', (address) => address],
      ['1', 'after one that the client claims', (address) => `198.51.100.9:80, ${address}`],
      ['2', 'before a proxy', (address) => `${address},10.0.0.5:8080`],
      [
        '2',
        'before a proxy and after one that the client claims',
        (address) => `198.51.100.9, ${address}, 10.0.0.5`,
      ],
      [
        '10',
        'before nine proxies',
        (address) => `198.51.100.9, ${address}${', 10.0.0.5'.repeat(9)}`,
      ],
      ['loopback, 10.0.0.0/8', 'alone', (address) => address],
      [
        'loopback, 10.0.0.0/8',
        'before two proxies with ports',
        (address) => `${address}, 10.0.0.5:8080 , [::ffff:10.0.0.6]:80`,
      ],
      [
        'loopback,fd00::/8',
        'before a proxy with a zone id',
        (address) => `${address}, [FD00::5%eth0]:8080`,
      ],
    ])('with TRUST_PROXY=%s, %s,', (TRUST_PROXY, _where, forwarded) => {
      beforeEach(() => start({ TRUST_PROXY }));

      it.each(Object.entries(SPELLINGS))(
        'counts as one client however it is written: %s',
        async (_, all) => {
          const counts = [];
          for (const spelling of all) counts.push(await sentBy(forwarded(spelling)));
          expect(counts).toEqual(all.map((_spelling, index) => index + 1));
        },
      );

      it('counts separately from other addresses', async () => {
        for (const address of OTHERS)
          expect([address, await sentBy(forwarded(address))]).toEqual([address, 1]);
      });
    });

    it('is ignored without TRUST_PROXY, or if the request does not come from a trusted proxy', async () => {
      await start({});
      expect([await sentBy('203.0.113.7'), await sentBy('203.0.113.8')]).toEqual([1, 2]);
      await api.close();
      await start({ TRUST_PROXY: '10.0.0.0/8' });
      expect([await sentBy('203.0.113.7'), await sentBy('203.0.113.8')]).toEqual([1, 2]);
    });

    it('does not fail the request if it is not an address', async () => {
      await start({ TRUST_PROXY: '1' });
      for (const text of [
        'unknown',
        '_hidden',
        '',
        ',',
        '[',
        ']:80',
        '"',
        '1.2.3',
        '[1',
        '%',
        '::%',
      ])
        expect([text, (await api.export('', { 'x-forwarded-for': text })).status]).toEqual([
          text,
          401,
        ]);
    });
  },
  ['embedded PostgreSQL'],
);
