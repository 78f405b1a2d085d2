import {
  BadRequestException,
  Inject,
  Injectable,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { EXPORT_PARAMETERS } from '../model/export-parameters';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/calls-export-options';
import { CallsSourceRegistry } from '../reading/calls-source-registry';
import { type ExportCallsQueryDto, exportCallsQuery } from './export-calls-query.dto';
import { withoutHostParameters } from './host-parameters';

/** The injection token of the statuses that a call may have. */
export const STATUSES = Symbol('STATUSES');

/**
 * Validates the query of an export, whether or not the host app has a global pipe. Reports one message
 * per invalid parameter.
 *
 * It does not extend `ValidationPipe`, which uses the host app's copies of class-validator and
 * class-transformer. The decorators of the query may come from other copies.
 */
@Injectable()
export class ExportCallsQueryPipe implements PipeTransform {
  private readonly dto: Type<ExportCallsQueryDto>;
  private readonly parameters: readonly string[];

  constructor(
    @Inject(STATUSES) statuses: readonly string[],
    @Inject(CallsSourceRegistry) { assistantIds, callIds }: CallsSourceRegistry,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {
    this.dto = exportCallsQuery(statuses, callIds, assistantIds);
    this.parameters = EXPORT_PARAMETERS.filter((name) => name !== 'assistant_id' || assistantIds);
  }

  async transform(given: object): Promise<ExportCallsQueryDto> {
    const { parameters } = this;
    const query = withoutHostParameters(given, this.options.hostParameters);
    // Checked here, because class-transformer drops `constructor` and `__proto__` before validation.
    const unknown = Object.keys(query).filter((name) => !parameters.includes(name));
    if (unknown.length > 0) {
      throw new BadRequestException(
        unknown.map(
          (name) =>
            `${name} is not a parameter of the export; valid parameters are ${parameters.join(', ')}`,
        ),
      );
    }
    const dto = plainToInstance(this.dto, query);
    const errors = await validate(dto);
    if (errors.length === 0) return dto;
    const inOrder = EXPORT_PARAMETERS.flatMap((name) =>
      errors.filter(({ property }) => property === name),
    );
    throw new BadRequestException(
      inOrder.flatMap(({ constraints }) => Object.values(constraints ?? {})),
    );
  }
}
