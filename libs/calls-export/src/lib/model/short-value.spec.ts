import { shortText, shortValue } from './short-value';

const x = (count: number) => 'x'.repeat(count);

describe('shortText', () => {
  it('keeps 200 characters', () => {
    expect(shortText('')).toBe('');
    expect(shortText(x(200))).toBe(x(200));
  });

  it('truncates a longer text to 200 characters and appends its length', () => {
    expect(shortText(x(201))).toBe(`${x(200)}… (201 characters)`);
    expect(shortText(x(5000))).toBe(`${x(200)}… (5000 characters)`);
  });

  it('does not split a surrogate pair', () => {
    expect(shortText(`${x(199)}😀y`)).toBe(`${x(199)}… (202 characters)`);
    expect(shortText(`${x(198)}😀y`)).toBe(`${x(198)}😀… (201 characters)`);
    expect(shortText(`${x(197)}😀yz`)).toBe(`${x(197)}😀y… (201 characters)`);
    // A lone surrogate elsewhere does not shorten the text.
    expect(shortText(`\ud83d${x(200)}`)).toBe(`\ud83d${x(199)}… (201 characters)`);
  });
});

describe('shortValue', () => {
  const date = new Date(0);
  it.each([
    ['a text', 'a', 'a'],
    ['a long text', x(300), `${x(200)}… (300 characters)`],
    ['a number', 1.5, 1.5],
    ['a boolean', false, false],
    ['nothing', undefined, undefined],
    ['null', null, null],
    ['a date', date, date],
    ['a bigint', 2n ** 63n, '9223372036854775808'],
    ['a long bigint', 10n ** 300n, `1${'0'.repeat(199)}… (301 characters)`],
    ['a list', [1, 2n, x(201)], [1, '2', `${x(200)}… (201 characters)`]],
    ['an object', { a: 1n, b: [null] }, { a: '1', b: [null] }],
    ['a long name', { [x(201)]: 1 }, { [`${x(200)}… (201 characters)`]: 1 }],
  ])('handles %s', (_, value, short) => {
    expect(shortValue(value)).toEqual(short);
  });

  it('keeps the first 20 items of a list and appends the total', () => {
    const items = (count: number) => Array.from({ length: count }, (_, index) => index);
    expect(shortValue(items(20))).toEqual(items(20));
    expect(shortValue(items(21))).toEqual([...items(20), '… (21 in all)']);
  });

  it('keeps the first 20 fields of an object and appends the total', () => {
    const fields = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, index]));
    expect(shortValue(fields(20))).toEqual(fields(20));
    expect(shortValue(fields(21))).toEqual({ ...fields(20), '…': '… (21 in all)' });
  });

  it('keeps three levels of nesting', () => {
    expect(shortValue({ a: { b: { c: { d: 1 } } } })).toEqual({ a: { b: { c: '…' } } });
    expect(shortValue([[[[1]]]])).toEqual([[['…']]]);
    expect(shortValue({ a: { b: { c: date, d: x(1), e: null } } })).toEqual({
      a: { b: { c: date, d: 'x', e: null } },
    });
  });

  it('keeps an own field named __proto__', () => {
    const short = shortValue(JSON.parse('{"__proto__":{"a":1}}')) as object;
    expect(Object.keys(short)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(short)).toBe(Object.prototype);
  });
});
