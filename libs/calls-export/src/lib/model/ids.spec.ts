import { isAccountId } from './account-id';
import { isUuid } from './uuid';

describe('isAccountId', () => {
  it.each([0, 1, -1, 2 ** 53 - 1, 0n, 2n ** 63n, 'a', ' ', '0'])('returns true for %p', (value) => {
    expect(isAccountId(value)).toBe(true);
  });

  it.each(['', 1.5, 2 ** 53, NaN, Infinity, null, undefined, true, {}, [1], new Date(0)])(
    'returns false for %p',
    (value) => {
      expect(isAccountId(value)).toBe(false);
    },
  );
});

describe('isUuid', () => {
  it.each([
    '0b5c0a1e-0000-4000-8000-000000000001',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
    '00000000-0000-0000-0000-000000000000',
  ])('returns true for %s', (text) => {
    expect(isUuid(text)).toBe(true);
  });

  it.each([
    '',
    '0b5c0a1e-0000-4000-8000-00000000000',
    '0b5c0a1e-0000-4000-8000-0000000000011',
    'a0b5c0a1e-0000-4000-8000-000000000001',
    '0b5c0a1e-0000-4000-000000000001',
    '0b5c0a1e-0000-4000-8000-8000-000000000001',
    '0b5c0a1e-000-4000-8000-000000000001',
    '0b5c0a1-0000-4000-8000-000000000001',
    '0b5c0a1g-0000-4000-8000-000000000001',
    '0b5c0a1e-000g-4000-8000-000000000001',
    '0b5c0a1e-0000-4000-8000-00000000000g',
    '0b5c0a1e000040008000000000000001',
    '{0b5c0a1e-0000-4000-8000-000000000001}',
    '0b5c0a1e-0000-4000-8000-000000000001\n',
    '0b5c0a1e_0000_4000_8000_000000000001',
  ])('returns false for %j', (text) => {
    expect(isUuid(text)).toBe(false);
  });
});
