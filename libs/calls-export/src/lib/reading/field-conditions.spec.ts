import { entitiesOn, EXACT, LOOSE, told } from '../../../test/entities-on';
import type { DatabaseType } from '../../../test/find/entities';
import type { ColumnFacts } from './dialects/dialect';
import { dialectOf } from './dialects/dialect-of';
import { FieldConditions } from './field-conditions';

type Condition = 'key' | 'same' | 'text';

/** The condition that a query of calls is given. */
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
  it('is looked up by its column alone, where that takes nothing else for it', async () => {
    expect(await given('key', 7, EXACT)).toBe('some.account_id = 7');
  });

  it('is also compared as a text, where its column takes others for it', async () => {
    expect(await given('key', 7, LOOSE)).toBe(`some.account_id = 7 AND ${IS_TEXT} '7'`);
  });

  it('is looked up as a text on MySQL, which takes texts for numbers', async () => {
    expect(await given('key', 7, EXACT, 'mariadb')).toBe("some.account_id = '7'");
  });

  it.each<Condition>(['key', 'text'])(
    'that no row can have finds none, as %s',
    async (condition) => {
      expect(await given(condition, undefined, LOOSE)).toBe('1 = 0');
    },
  );

  it('may be all that the database takes for the same', async () => {
    expect(await given('same', 'a', LOOSE)).toBe("some.account_id = 'a'");
  });
});

describe('A text', () => {
  it.each<[unknown, string]>([
    ['a', 'a'],
    [7, '7'],
    [2n ** 64n, '18446744073709551616'],
  ])('is compared with that of the value: %s', async (value, text) => {
    expect(await given('text', value, EXACT)).toBe(`${IS_TEXT} '${text}'`);
  });

  it('may have blanks around it that the database adds', async () => {
    const padded: ColumnFacts = { ...EXACT, equality: () => 'padded' };
    expect(await given('text', 'a', padded)).toBe(
      `(${IS_TEXT} 'a' OR concat(some.account_id) COLLATE C = 'a')`,
    );
  });

  it('of a truth value is none: that is compared as it is', async () => {
    expect(await given('text', true, LOOSE)).toBe('some.account_id = true');
  });
});
