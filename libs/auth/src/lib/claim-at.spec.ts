import { claimAt } from './claim-at';

describe('claimAt', () => {
  it.each<[string, object, string, unknown]>([
    ['the claim of this name', { account_id: 7 }, 'account_id', 7],
    ['a claim whose value is falsy', { account_id: 0 }, 'account_id', 0],
    ['a claim whose name has dots', { 'https://a.example/id': 7 }, 'https://a.example/id', 7],
    ['the value at a path', { org: { team: { id: 7 } } }, 'org.team.id', 7],
    ['the claim of this name before that at the path', { 'a.b': 1, a: { b: 2 } }, 'a.b', 1],
    ['that at the path if the claim of this name is absent', { a: { b: 2 } }, 'a.b', 2],
    ['a whole object', { org: { id: 7 } }, 'org', { id: 7 }],
    ['null, if the claim is null', { a: null }, 'a', null],
  ])('is %s', (_, claims, path, expected) => {
    expect(claimAt(claims, path)).toEqual(expected);
  });

  it.each<[string, object, string]>([
    ['there is no such claim', { a: 1 }, 'b'],
    ['a step of the path is absent', { a: { b: 1 } }, 'a.c.d'],
    ['a step of the path is null', { a: null }, 'a.b'],
    ['a step of the path is a text, which has a length of its own', { a: 'text' }, 'a.length'],
    ['a step of the path is an array, which has elements of its own', { a: ['x'] }, 'a.0'],
    ['a step of the path is an array, which has a length of its own', { a: ['x'] }, 'a.length'],
    ['only the prototype has it', {}, 'constructor'],
    ['only the prototype of a step has it', { a: {} }, 'a.toString'],
  ])('is undefined if %s', (_, claims, path) => {
    expect(claimAt(claims, path)).toBeUndefined();
  });

  it('does not read what a function has', () => {
    expect(claimAt({ a: Object.assign(() => 0, { b: 1 }) }, 'a.b')).toBeUndefined();
  });
});
