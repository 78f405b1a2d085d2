import type { Type } from '@nestjs/common';
import { Transform } from 'class-transformer';
import {
  IsIn,
  IsInstance,
  IsOptional,
  ValidateBy,
  type ValidationArguments,
} from 'class-validator';
import type { IdRule } from '../entities/calls-entities';
import { EXPORT_FORMATS, type ExportFormat } from '../formats/export-formats';
import { DateInterval } from './date-interval';
import { idParameter } from './id-parameter';

/**
 * The query of an export: what each parameter takes, but for `status`, `assistant_id` and `after`, of which the calls say that. An empty value
 * counts as not given.
 */
export class ExportCallsQueryDto {
  @Parse(String)
  @IsOptional()
  @IsIn(EXPORT_FORMATS, says(`must be one of ${EXPORT_FORMATS.join(', ')}`))
  readonly format?: ExportFormat;

  /** One of the statuses that `exportCallsQuery` is given. */
  @Parse(String)
  @IsOptional()
  readonly status?: string;

  /** What `exportCallsQuery` makes it. */
  @IsOptional()
  readonly assistant_id?: number | string;

  @Parse(DateInterval.parse)
  @IsOptional()
  @IsInstance(DateInterval, says(dateSentence()))
  readonly date_from?: DateInterval;

  @Parse(DateInterval.parse)
  @IsOptional()
  @IsInstance(DateInterval, says(dateSentence()))
  @IsNotBeforeDateFrom()
  readonly date_to?: DateInterval;

  /** What `exportCallsQuery` makes it. */
  @IsOptional()
  readonly after?: number | string;
}

/**
 * The query of an export of calls that may have these statuses.
 *
 * @param callIds what the id of a call is.
 * @param assistantIds what the id of an assistant is; undefined if there are none.
 */
export function exportCallsQuery(
  statuses: readonly string[],
  callIds: IdRule,
  assistantIds: IdRule | undefined,
): Type<ExportCallsQueryDto> {
  class CallsQueryDto extends ExportCallsQueryDto {}
  const { prototype } = CallsQueryDto;
  IsIn(statuses, says(`must be one of ${statuses.join(', ')}`))(prototype, 'status');
  if (assistantIds) IsId(assistantIds)(prototype, 'assistant_id');
  IsId(callIds)(prototype, 'after');
  return CallsQueryDto;
}

function IsId(ids: IdRule): PropertyDecorator {
  const { parse, rule } = idParameter(ids);
  const validate = (id: unknown) =>
    typeof id === 'number' || (typeof id === 'string' && parse(id) !== undefined);
  return (prototype, name) => {
    Parse(parse)(prototype, name);
    ValidateBy({ name: 'isId', validator: { validate } }, says(rule))(prototype, name);
  };
}

/** Leaves what does not parse as it is, for the validator to refuse. */
function Parse(parse: (text: string) => unknown): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => {
    if (value === '') return undefined;
    return typeof value === 'string' ? (parse(value) ?? value) : value;
  });
}

function says(rule: string) {
  return {
    message: ({ property, value }: ValidationArguments) =>
      Array.isArray(value) ? `${property} must be given only once` : `${property} ${rule}`,
  };
}

function dateSentence(): string {
  return (
    'must be a real date in ISO 8601, such as 2023-10-30, 2023-10-30T10:05 or 2023-10-30T10:05:00.5, ' +
    'a time optionally followed by Z or an offset such as +02:00'
  );
}

function IsNotBeforeDateFrom(): PropertyDecorator {
  return ValidateBy({
    name: 'isNotBeforeDateFrom',
    validator: {
      validate: (dateTo: unknown, args) => {
        const dateFrom = (args?.object as ExportCallsQueryDto).date_from;
        if (!(dateFrom instanceof DateInterval && dateTo instanceof DateInterval)) return true;
        return dateFrom.start < dateTo.end;
      },
      defaultMessage: () => 'date_from must not be after date_to',
    },
  });
}
