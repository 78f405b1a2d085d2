import type { Type } from '@nestjs/common';
import type { DataSource, EntitySchema, ObjectLiteral, Repository } from 'typeorm';
import type { AccountId } from './account-id';
import { Assistant } from './entities/assistant.entity';
import { Call } from './entities/call.entity';

type ColumnMetadata = Repository<ObjectLiteral>['metadata']['columns'][number];

const INTEGER = [/^(?:unsigned )?(?:big|medium|small|tiny)?int/, 'integers'] as const;
const TIME = [/^(?:timestamp|datetime)/, 'times'] as const;

/** What is read of a call, and what its column has to hold. */
const CALL_FIELDS = {
  id: INTEGER,
  accountId: undefined,
  callSid: undefined,
  assistantId: INTEGER,
  customerPhoneNumber: undefined,
  status: undefined,
  duration: INTEGER,
  startedAt: TIME,
  endedAt: TIME,
};
const ASSISTANT_FIELDS = { id: INTEGER, accountId: undefined, name: undefined };

export type CallField = keyof typeof CALL_FIELDS;
export type AssistantField = keyof typeof ASSISTANT_FIELDS;

/** An entity of the host's, and how its properties are called. */
export interface MappedEntity<Field extends string> {
  /** A class that is an entity, or an `EntitySchema`. With a column of deletion dates, deleted calls are left out. */
  readonly entity: Type | EntitySchema;
  /**
   * The properties that are not called as the field is. `times.start` is one of an embedded object; a relation stands for its
   * column.
   */
  readonly properties?: Readonly<Partial<Record<Field, string>>>;
}

/** The entities of an export, in the DataSource that has them. */
export class CallsEntities {
  readonly calls: EntityFields<CallField>;
  readonly assistants: EntityFields<AssistantField>;

  /** @throws Error where the DataSource has not what is to be read. */
  constructor(
    readonly dataSource: DataSource,
    calls: MappedEntity<CallField> = { entity: Call },
    assistants: MappedEntity<AssistantField> = { entity: Assistant },
  ) {
    this.calls = new EntityFields(dataSource, calls, CALL_FIELDS);
    this.assistants = new EntityFields(dataSource, assistants, ASSISTANT_FIELDS);
  }

  /**
   * An account as the calls' column has it. Where a number is compared with a text, a database may find other accounts as well
   * (MySQL's manual, "Type Conversion in Expression Evaluation").
   *
   * @throws TypeError where the column can't have it.
   */
  account(accountId: AccountId): AccountId {
    const type = this.dataSource.driver.normalizeType(this.calls.column('accountId'));
    if (!INTEGER[0].test(type)) return String(accountId);
    if (/^-?\d+$/.test(String(accountId))) return accountId;
    throw new TypeError('The account must be an integer, as those of the calls are');
  }
}

/** An entity whose properties go by the names of the fields. */
export class EntityFields<Field extends string> {
  readonly repository: Repository<ObjectLiteral>;
  private readonly columns: Readonly<Record<Field, ColumnMetadata>>;

  constructor(
    dataSource: DataSource,
    { entity, properties }: MappedEntity<Field>,
    fields: Readonly<Record<Field, readonly [RegExp, string] | undefined>>,
  ) {
    const names: Record<string, string | undefined> = { ...properties };
    const name = entity instanceof Function ? entity.name : entity.options.name;
    if (!dataSource.hasMetadata(entity)) {
      throw new Error(
        `CallsExportModule: the DataSource has no entity ${name}: add it to its entities, or set autoLoadEntities`,
      );
    }
    const unknown = Object.keys(names).find((field) => !Object.hasOwn(fields, field));
    if (unknown !== undefined) {
      throw new Error(
        `CallsExportModule: ${unknown} is none of the fields that ${name} is read for: ${Object.keys(fields).join(', ')}`,
      );
    }
    this.repository = dataSource.getRepository(entity);
    const columns = Object.entries(fields).map(([field, kind]) => {
      const path = names[field] ?? field;
      const column = this.repository.metadata.findColumnWithPropertyPath(path);
      if (!column) {
        throw new Error(
          `CallsExportModule: ${name} has no property ${path}; say by properties: { ${field}: '…' } which one has it`,
        );
      }
      const [pattern, what] = (kind as readonly [RegExp, string] | undefined) ?? [/^/, ''];
      const type = dataSource.driver.normalizeType(column);
      if (!pattern.test(type)) {
        throw new Error(
          `CallsExportModule: ${name}.${path} must be a column of ${what}, not ${type}`,
        );
      }
      return [field, column];
    });
    this.columns = Object.fromEntries(columns);
  }

  column(field: Field): ColumnMetadata {
    return this.columns[field];
  }

  /** The name by which a query builder knows a field. */
  property(field: Field): string {
    return this.column(field).propertyPath;
  }
}
