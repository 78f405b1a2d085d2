import { claimAt } from './claim-at';

describe('claimAt', () => {
  it.each<[string, object, string, unknown]>([
    ['the claim with the name', { account_id: 7 }, 'account_id', 7],
    ['a claim whose value is falsy', { account_id: 0 }, 'account_id', 0],
    ['a claim whose name has dots', { 'https://a.example/id': 7 }, 'https://a.example/id', 7],
    ['the value at a path', { org: { team: { id: 7 } } }, 'org.team.id', 7],
    [
      'the claim with the name rather than the one at the path',
      { 'a.b': 1, a: { b: 2 } },
      'a.b',
      1,
    ],
    ['the claim at the path if none has the name', { a: { b: 2 } }, 'a.b', 2],
    ['an object', { org: { id: 7 } }, 'org', { id: 7 }],
    ['null, if the claim is null', { a: null }, 'a', null],
  ])('returns %s', (_, claims, path, expected) => {
    expect(claimAt(claims, path)).toEqual(expected);
  });

  it.each<[string, object, string]>([
    ['the claim is missing', { a: 1 }, 'b'],
    ['a step of the path is missing', { a: { b: 1 } }, 'a.c.d'],
    ['a step of the path is null', { a: null }, 'a.b'],
    ['a step of the path is a string, which has its own length', { a: 'text' }, 'a.length'],
    ['a step of the path is an array, which has its own elements', { a: ['x'] }, 'a.0'],
    ['a step of the path is an array, which has its own length', { a: ['x'] }, 'a.length'],
    ['only the prototype has it', {}, 'constructor'],
    ['only the prototype of a step has it', { a: {} }, 'a.toString'],
  ])('returns undefined if %s', (_, claims, path) => {
    expect(claimAt(claims, path)).toBeUndefined();
  });

  it('ignores the properties of a function', () => {
    expect(claimAt({ a: Object.assign(() => 0, { b: 1 }) }, 'a.b')).toBeUndefined();
  });
});
