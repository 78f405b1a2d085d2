import { assert, constantFrom, oneof, property, string, tuple, array } from 'fast-check';
import { acceptsTrailers } from './export-trailers';

describe('acceptsTrailers', () => {
  it.each([
    [undefined, false],
    ['', false],
    [',', false],
    ['trailers', true],
    ['Trailers', true],
    [' trailers\t', true],
    ['trailers, deflate;q=0.5', true],
    ['deflate;q=0.5,trailers', true],
    ['gzip, ,trailers', true],
    [['deflate', 'trailers'], true],
    ['deflate', false],
    ['trailer', false],
    ['trailers2', false],
    ['deflate;trailers', false],
    ['trailers;q=0', false],
    ['x;a="y, trailers"', false],
    ['x;a="y, trailers, ', false],
    [String.raw`x;a="\", trailers, \\"`, false],
    [String.raw`x;a="\\", trailers`, true],
  ])('for TE %j returns %j', (te, accepted) => {
    expect(acceptsTrailers(te)).toBe(accepted);
  });

  it('finds the member among any other members', () => {
    const quoted = string({ maxLength: 8 }).map(
      (text) => `"${text.replace(/["\\]/g, String.raw`\$&`)}"`,
    );
    const parameter = tuple(constantFrom('q', 'a'), oneof(quoted, constantFrom('0.5', 'trailers')));
    const other = tuple(constantFrom('gzip', 'xtrailers'), array(parameter, { maxLength: 2 })).map(
      ([name, parameters]) => [name, ...parameters.map((pair) => pair.join('='))].join(' ; '),
    );
    assert(
      property(array(oneof(other, constantFrom('trailers', 'TRAILERS'))), (members) => {
        const hasIt = members.some((member) => /^trailers$/i.test(member));
        expect(acceptsTrailers(members.join(' , '))).toBe(hasIt);
      }),
    );
  });
});
