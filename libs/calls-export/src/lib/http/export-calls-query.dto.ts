import type { Type } from '@nestjs/common';
import { Transform } from 'class-transformer';
import {
  IsIn,
  IsInstance,
  IsInt,
  IsOptional,
  ValidateBy,
  type ValidationArguments,
} from 'class-validator';
import { EXPORT_FORMATS, type ExportFormat } from '../formats/export-formats';
import { DateInterval } from './date-interval';

const ASSISTANT_ID_MAX = 2 ** 31 - 1;

/** The query of an export: what each parameter takes. An empty value counts as not given. */
export class ExportCallsQueryDto {
  @Parse(String)
  @IsOptional()
  @IsIn(EXPORT_FORMATS, says(`must be one of ${EXPORT_FORMATS.join(', ')}`))
  readonly format?: ExportFormat;

  /** One of the statuses that `withStatuses` names. */
  @Parse(String)
  @IsOptional()
  readonly status?: string;

  @Parse(parseAssistantId)
  @IsOptional()
  @IsInt(says(`must be a positive integer in decimal digits, at most ${ASSISTANT_ID_MAX}`))
  readonly assistant_id?: number;

  @Parse(DateInterval.parse)
  @IsOptional()
  @IsInstance(DateInterval, says(dateSentence()))
  readonly date_from?: DateInterval;

  @Parse(DateInterval.parse)
  @IsOptional()
  @IsInstance(DateInterval, says(dateSentence()))
  @IsNotBeforeDateFrom()
  readonly date_to?: DateInterval;
}

/** The query for calls that may have these statuses. */
export function withStatuses(statuses: readonly string[]): Type<ExportCallsQueryDto> {
  class StatusesQueryDto extends ExportCallsQueryDto {}
  const isStatus = IsIn(statuses, says(`must be one of ${statuses.join(', ')}`));
  isStatus(StatusesQueryDto.prototype, 'status');
  return StatusesQueryDto;
}

/** Leaves what does not parse as it is, for the validator to refuse. */
function Parse(parse: (text: string) => unknown): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => {
    if (value === '') return undefined;
    return typeof value === 'string' ? (parse(value) ?? value) : value;
  });
}

function parseAssistantId(text: string): number | undefined {
  const id = /^\d+$/.test(text) ? Number(text) : NaN;
  return id >= 1 && id <= ASSISTANT_ID_MAX ? id : undefined;
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
