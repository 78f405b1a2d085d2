import { entitiesOn, EXACT, LOOSE, told } from '../../../test/entities-on';
import type { DatabaseType } from '../../../test/find/entities';
import type { ColumnFacts } from './dialects/dialect';
import { dialectOf } from './dialects/dialect-of';
import { FieldConditions } from './field-conditions';

type Condition = 'key' | 'same' | 'text';

/** The SQL condition that is added to a query of calls. */
async function given(
  condition: Condition,
  value: unknown,
  facts: ColumnFacts,
  type: DatabaseType = 'postgres',
): Promise<string> {
  const { calls } = await entitiesOn(type);
  const conditions = new FieldConditions(dialectOf(type), facts);
  const query = calls.repository.createQueryBuilder('some').select('1');
  expect(conditions[condition](query, calls, 'accountId', value)).toBe(query);
  return told(query.getQueryAndParameters()).replace(/^SELECT 1 FROM calls some WHERE /, '');
}

const IS_TEXT = 'CAST(some.account_id AS text) COLLATE C =';

describe('A key', () => {
  it('is compared by `=` alone if that is exact', async () => {
    expect(await given('key', 7, EXACT)).toBe('some.account_id = 7');
  });

  it('is also compared as text if the collation is loose', async () => {
    expect(await given('key', 7, LOOSE)).toBe(`some.account_id = 7 AND ${IS_TEXT} '7'`);
  });

  it('is compared with a string on MySQL', async () => {
    expect(await given('key', 7, EXACT, 'mariadb')).toBe("some.account_id = '7'");
  });

  it.each<Condition>(['key', 'text'])(
    "that can't be stored matches no row: %s",
    async (condition) => {
      expect(await given(condition, undefined, LOOSE)).toBe('1 = 0');
    },
  );

  it('matches all values that the database considers equal with `same`', async () => {
    expect(await given('same', 'a', LOOSE)).toBe("some.account_id = 'a'");
  });
});

describe('A text', () => {
  it.each<[unknown, string]>([
    ['a', 'a'],
    [7, '7'],
    [2n ** 64n, '18446744073709551616'],
  ])('is compared with the text of the value: %s', async (value, text) => {
    expect(await given('text', value, EXACT)).toBe(`${IS_TEXT} '${text}'`);
  });

  it('may have blanks that the database pads it with', async () => {
    const padded: ColumnFacts = { ...EXACT, equality: () => 'padded' };
    expect(await given('text', 'a', padded)).toBe(
      `(${IS_TEXT} 'a' OR concat(some.account_id) COLLATE C = 'a')`,
    );
  });

  it('is not used for booleans, which are compared as they are', async () => {
    expect(await given('text', true, LOOSE)).toBe('some.account_id = true');
  });
});
