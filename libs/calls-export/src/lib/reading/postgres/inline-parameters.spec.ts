import { escapeLiteral } from 'pg';
import { inlineParameters } from './inline-parameters';

const inline = (sql: string, ...parameters: unknown[]) =>
  inlineParameters({ getQueryAndParameters: () => [sql, parameters] }, { escapeLiteral });

describe('inlineParameters', () => {
  it('replaces each parameter with a literal', () => {
    expect(inline('a = $1 AND b > $2 AND c = $1', 7, "O'Brien")).toBe(
      "a = '7' AND b > 'O''Brien' AND c = '7'",
    );
    expect(inline('$10 $1', 'a', ...Array(8).fill('x'), 'b')).toBe("'b' 'a'");
  });

  it('keeps quoted names and strings that look like a parameter', () => {
    expect(inline(`"$1" = $1 AND "a""$1" = '$1' AND 'it''s $1' <> $1`, 'v')).toBe(
      `"$1" = 'v' AND "a""$1" = '$1' AND 'it''s $1' <> 'v'`,
    );
  });

  it('does not replace inside values', () => {
    expect(inline('a = $1 AND b = $2', '$2', "\\' OR $1")).toBe(
      `a = '$2' AND b =  E'\\\\'' OR $1'`,
    );
  });

  it('writes a literal for every type of value', () => {
    const bytes = Buffer.from([0, 1, 0xff]);
    const values = [null, undefined, bytes, 2n ** 63n, -0.5, true, '', new String('s')];
    expect(inline('$1 $2 $3 $4 $5 $6 $7 $8', ...values)).toBe(
      `NULL NULL  E'\\\\x0001ff' '9223372036854775808' '-0.5' 'true' '' 's'`,
    );
  });

  it('keeps everything that is not a parameter', () => {
    expect(inline(`a$ = $1 AND "" = '' AND $x$ = "'" || $2 || '"'`, 'v', 'w')).toBe(
      `a$ = 'v' AND "" = '' AND $x$ = "'" || 'w' || '"'`,
    );
  });
});
