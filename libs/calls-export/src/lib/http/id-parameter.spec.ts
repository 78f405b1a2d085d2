import { idParameter } from './id-parameter';

const INT4 = { min: -(2n ** 31n), max: 2n ** 31n - 1n };

describe('idParameter for integers', () => {
  const positive = idParameter({ form: 'integer', min: 1n, max: 2n ** 31n - 1n });
  const any = idParameter({ form: 'integer', ...INT4 });

  it.each([
    ['1', 1],
    ['42', 42],
    ['007', 7],
    ['2147483647', 2_147_483_647],
  ])('accepts %s', (text, id) => {
    expect(positive.parse(text)).toBe(id);
  });

  it.each([
    ...[
      '0',
      '-1',
      '2147483648',
      '',
      ' 1',
      '1 ',
      '+1',
      '1.0',
      '1e3',
      '0x10',
      '--1',
      '1-',
      'a1',
      '1a',
    ],
    ...['-', '१', '1\n', '1n', '1_000'],
  ])('rejects %j', (text) => {
    expect(positive.parse(text)).toBeUndefined();
  });

  it('accepts negative ids if the column can have them', () => {
    expect(any.parse('-2147483648')).toBe(-2_147_483_648);
    expect(any.parse('-0')).toBe(0);
    expect(any.parse('-2147483649')).toBeUndefined();
  });

  it('returns ids beyond the safe integers as strings, so that no digit is lost', () => {
    const { parse } = idParameter({ form: 'integer', min: -(2n ** 63n), max: 2n ** 63n - 1n });
    expect(parse('9007199254740991')).toBe(9_007_199_254_740_991);
    expect(parse('9007199254740993')).toBe('9007199254740993');
    expect(parse('-0009007199254740993')).toBe('-9007199254740993');
    expect(parse('9223372036854775807')).toBe('9223372036854775807');
    expect(parse('9223372036854775808')).toBeUndefined();
  });

  it('describes the range', () => {
    expect(positive).toMatchObject({
      rule: 'must be an integer from 1 to 2147483647',
      schema: { type: 'integer', format: 'int32', minimum: 1 },
      example: 7,
    });
    expect(any.rule).toBe('must be an integer from -2147483648 to 2147483647');
  });

  it.each([
    [-1n, 2n ** 31n - 1n, { type: 'integer', format: 'int32' }],
    [0n, 2n ** 31n - 1n, { type: 'integer', format: 'int32', minimum: 0 }],
    [1n, 2n ** 31n, { type: 'integer', format: 'int64', minimum: 1 }],
  ])('has the OpenAPI schema of the range %d to %d', (min, max, schema) => {
    expect(idParameter({ form: 'integer', min, max }).schema).toEqual(schema);
  });
});

describe('idParameter for UUIDs', () => {
  const { parse, ...described } = idParameter({ form: 'uuid', ...INT4 });

  it('accepts upper case and converts it to lower case', () => {
    const uuid = '0b5c0a1e-0000-4000-8000-00000000000f';
    expect(parse(uuid)).toBe(uuid);
    expect(parse(uuid.toUpperCase())).toBe(uuid);
    expect(parse(`${uuid}0`)).toBeUndefined();
    expect(parse('7')).toBeUndefined();
  });

  it('describes the rule', () => {
    expect(described).toEqual({
      rule: 'must be a UUID such as 0b5c0a1e-0000-4000-8000-000000000001',
      schema: { type: 'string', format: 'uuid' },
      example: '0b5c0a1e-0000-4000-8000-000000000001',
    });
  });
});

describe('idParameter for text', () => {
  const { parse, ...described } = idParameter({ form: 'text', ...INT4 });

  it.each(['a', ' ', 'support-bot', '7', 'P{Cc}', 'é☎', '\u00a0\u2028', '😀'.repeat(255)])(
    'accepts %j',
    (text) => {
      expect(parse(text)).toBe(text);
    },
  );

  it.each(['', 'x'.repeat(256), 'a\0', '\n', 'a\tb', '\u007f', '\u0085', 'a\n'])(
    'rejects %j',
    (text) => {
      expect(parse(text)).toBeUndefined();
    },
  );

  it('describes the rule', () => {
    expect(described).toEqual({
      rule: 'must have 1 to 255 characters and no control characters',
      schema: { type: 'string', maxLength: 255 },
      example: 'support-bot',
    });
  });
});
