import { ForbiddenException } from '@nestjs/common';
import type { CallsExportOptions } from './calls-export-options';
import { claimedAccount } from './claimed-account';
import { resolveOptions } from './resolve-options';

const work = () => undefined;

describe('resolveOptions', () => {
  it('returns the default of each option', () => {
    const { onExportEnd, ...defaults } = resolveOptions();
    expect(defaults).toEqual({
      findAccount: claimedAccount,
      findView: undefined,
      formulaGuard: true,
      fileName: 'calls_export',
      hostParameters: [],
      byteOrderMark: false,
      delimiter: ',',
      pageSize: 5_000,
      pageMemory: 128,
      maxConcurrent: 32,
      maxPerAccount: 4,
      retryTimeout: 20,
      queryTimeout: 60,
      idleTimeout: 900,
      maxDuration: Infinity,
      countTimeout: 10,
      acceptHttp10: false,
      copy: true,
      primaryFallback: false,
      settings: undefined,
    });
    expect(onExportEnd({} as never)).toBeUndefined();
  });

  it('keeps given options, and uses the default if one is undefined', () => {
    const given = { pageSize: 7, formulaGuard: false, retryTimeout: 0, findView: () => 'a' };
    expect(resolveOptions({ ...given, copy: undefined })).toMatchObject({ ...given, copy: true });
  });

  const rule = (name: keyof CallsExportOptions, accepted: unknown[], rejected: unknown[], what: string) =>
    [name, accepted, rejected, what] as const; // prettier-ignore
  const flag = (name: keyof CallsExportOptions) =>
    rule(name, [true, false], ['true', 1, null], 'true or false');
  const hook = (name: keyof CallsExportOptions) =>
    rule(name, [work], ['x', {}, null], 'a function');
  const count = (name: keyof CallsExportOptions, max: number) =>
    rule(name, [1, max], [0, -1, max + 1, 1.5, '5', NaN, null, 5n], `an integer from 1 to ${max}`);
  const time = (name: keyof CallsExportOptions, min: number) =>
    rule(
      name,
      [min, 0.5, 86_400],
      [min - 0.01, 86_400.1, Infinity, NaN, '5', null],
      `a number of seconds from ${min} to 86400`,
    );

  it.each([
    hook('findAccount'),
    hook('findView'),
    flag('formulaGuard'),
    rule(
      'fileName',
      ['calls', work, 'x'.repeat(200)],
      ['', ' ', 'a/b', '.a', 'con', 'x'.repeat(201), 5, null],
      'a function, or a file name of at most 200 bytes that is valid on every file system',
    ),
    rule(
      'hostParameters',
      [[], ['token', '_']],
      ['token', [''], [5], ['token', 'status'], ['after'], null],
      'a list of query parameter names other than format, status, assistant_id, date_from, date_to, timezone, after',
    ),
    flag('byteOrderMark'),
    rule(
      'delimiter',
      [',', ';', '\t', '|'],
      ['', ' ', ',;', 5, null],
      "one of ',', ';', '\\t' and '|'",
    ),
    count('pageSize', 50_000),
    count('pageMemory', 1_000_000),
    count('maxConcurrent', 1_000_000),
    count('maxPerAccount', 1_000_000),
    time('retryTimeout', 0),
    time('queryTimeout', 0.1),
    time('idleTimeout', 0.1),
    rule(
      'maxDuration',
      [0.1, 86_400, Infinity],
      [0.09, 86_401, -Infinity, NaN, '5', null],
      'a number of seconds from 0.1 to 86400, or Infinity',
    ),
    time('countTimeout', 0.1),
    flag('acceptHttp10'),
    flag('copy'),
    flag('primaryFallback'),
    hook('settings'),
    hook('onExportEnd'),
  ])('accepts only valid values of %s', (name, accepted, rejected, what) => {
    for (const value of accepted) expect(resolveOptions({ [name]: value })[name]).toBe(value);
    for (const value of rejected) {
      expect(() => resolveOptions({ [name]: value })).toThrow(
        `CallsExportModule option ${name} must be ${what}, got `,
      );
    }
  });

  it('shows the invalid value, but not its nested objects', () => {
    expect(() => resolveOptions({ pageSize: { of: { secrets: 1 } } as never })).toThrow(
      new Error(
        'CallsExportModule option pageSize must be an integer from 1 to 50000, got { of: [Object] }',
      ),
    );
  });

  it.each(['pagesize', 'toString'])(
    'rejects the unknown option %s unless it is undefined',
    (name) => {
      expect(() => resolveOptions({ [name]: 5 })).toThrow(
        new Error(
          `Unknown CallsExportModule option ${name}. Accepted here: findAccount, findView, formulaGuard, fileName, hostParameters, ` +
            'byteOrderMark, delimiter, pageSize, pageMemory, maxConcurrent, maxPerAccount, retryTimeout, queryTimeout, ' +
            'idleTimeout, maxDuration, countTimeout, acceptHttp10, copy, primaryFallback, settings, onExportEnd',
        ),
      );
      expect(resolveOptions({ [name]: undefined })).toEqual({
        ...resolveOptions(),
        onExportEnd: expect.any(Function),
      });
    },
  );
});

describe('claimedAccount', () => {
  it.each([1, 42, 2 ** 31 - 1])('returns the claim account_id if it is %j', (account_id) => {
    expect(claimedAccount({ user: { account_id } } as never)).toBe(account_id);
  });

  it.each([
    undefined,
    {},
    ...[0, -1, 1.5, 2 ** 31, '1', null, true, 1n].map((account_id) => ({ account_id })),
  ])('rejects the user %p', (user) => {
    expect(() => claimedAccount({ user } as never)).toThrow(
      new ForbiddenException(
        'The token does not identify an account: its claim account_id must be an integer from 1 to 2147483647',
      ),
    );
  });
});
