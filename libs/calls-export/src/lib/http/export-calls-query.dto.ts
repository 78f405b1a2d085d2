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
import { TIME_ZONE_RULE, TimeZone } from '../model/time-zone';
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

  @Parse(dateIn)
  @IsOptional()
  @IsInstance(DateInterval, says(dateSentence()))
  readonly date_from?: DateInterval;

  @Parse(dateIn)
  @IsOptional()
  @IsInstance(DateInterval, says(dateSentence()))
  @IsNotBeforeDateFrom()
  readonly date_to?: DateInterval;

  /** Of dates without an offset, and of the times in the file. */
  @Parse(zoneOf)
  @IsOptional()
  @IsInstance(TimeZone, says(TIME_ZONE_RULE))
  readonly timezone?: TimeZone;

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

/**
 * Leaves what does not parse as it is, for the validator to refuse.
 *
 * @param parse is given the whole query, unparsed, as well.
 */
function Parse(parse: (text: string, query: RawQuery) => unknown): PropertyDecorator {
  return Transform(({ value, obj }: { value: unknown; obj: RawQuery }) => {
    if (value === '') return undefined;
    return typeof value === 'string' ? (parse(value, obj) ?? value) : value;
  });
}

type RawQuery = Readonly<Record<string, unknown>>;

/** No zone has a blank in its name: it is a `+` in a query string that was not encoded. */
function zoneOf(name: string): TimeZone | undefined {
  return TimeZone.of(name.replaceAll(' ', '+'));
}

/** What a date is in a zone that does not exist, nobody asks. */
function dateIn(text: string, { timezone }: RawQuery): DateInterval | undefined {
  return DateInterval.parse(text, typeof timezone === 'string' ? zoneOf(timezone) : undefined);
}

function says(rule: string) {
  return {
    message: ({ property, value }: ValidationArguments) =>
      Array.isArray(value) ? `${property} must be given only once` : `${property} ${rule}`,
  };
}

function dateSentence(): string {
  return (
    'must be a real date in ISO 8601 or RFC 3339, such as 2023-10-30, 2023-10-30T10:05 or 2023-10-30 10:05:00.5, ' +
    'a time optionally followed by Z or an offset such as +02:00'
  );
}

function IsNotBeforeDateFrom(): PropertyDecorator {
  return ValidateBy({
    name: 'isNotBeforeDateFrom',
    validator: {
      validate: (dateTo: unknown, args) => {
        const { date_from: dateFrom, timezone } = args?.object as ExportCallsQueryDto;
        // Without their zone, nobody knows.
        if (timezone !== undefined && !(timezone instanceof TimeZone)) return true;
        if (!(dateFrom instanceof DateInterval && dateTo instanceof DateInterval)) return true;
        return dateFrom.start < dateTo.end;
      },
      defaultMessage: () => 'date_from must not be after date_to',
    },
  });
}
