using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace TransferLearning.Tabular;

/// <summary>Tables from Parquet files.</summary>
internal static class ParquetTables
{
    public static async Task<Table> Read(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadColumns(path, cancellationToken).ConfigureAwait(false);
        }
        // What the reader throws where bytes are not what they should be, ends and offsets among them.
        catch (Exception fault)
            when (fault
                    is not (
                        InvalidDataException
                        or OperationCanceledException
                        or OutOfMemoryException
                        or UnauthorizedAccessException
                        or FileNotFoundException
                        or DirectoryNotFoundException
                    )
            )
        {
            throw new InvalidDataException($"'{path}' could not be read as a Parquet file: {fault.Message}", fault);
        }
    }

    private static async Task<Table> ReadColumns(string path, CancellationToken cancellationToken)
    {
        var stream = File.OpenRead(path);
        await using (stream.ConfigureAwait(false))
        {
            var reader = await ParquetReader
                .CreateAsync(stream, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var columns = new List<TableColumn>();
                foreach (var field in Fields(reader.Schema, path))
                {
                    columns.Add(await Column(reader, field, path, cancellationToken).ConfigureAwait(false));
                }
                return new Table(columns);
            }
        }
    }

    private static DataField[] Fields(ParquetSchema schema, string path)
    {
        var nested = schema.Fields.FirstOrDefault(field => field is not DataField { IsArray: false });
        return nested is null
            ? schema.DataFields
            : throw new InvalidDataException(
                $"'{path}': the column '{nested.Name}' is nested ({nested.SchemaType}); flatten it before."
            );
    }

    private static Task<TableColumn> Column(
        ParquetReader reader,
        DataField field,
        string path,
        CancellationToken cancellationToken
    ) =>
        Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.Double => Numbers<double>(reader, field, cancellationToken),
            TypeCode.Single => Numbers<float>(reader, field, cancellationToken),
            TypeCode.Decimal => Numbers<decimal>(reader, field, cancellationToken),
            TypeCode.Int64 => Numbers<long>(reader, field, cancellationToken),
            TypeCode.Int32 => Numbers<int>(reader, field, cancellationToken),
            TypeCode.Int16 => Numbers<short>(reader, field, cancellationToken),
            TypeCode.SByte => Numbers<sbyte>(reader, field, cancellationToken),
            TypeCode.UInt64 => Numbers<ulong>(reader, field, cancellationToken),
            TypeCode.UInt32 => Numbers<uint>(reader, field, cancellationToken),
            TypeCode.UInt16 => Numbers<ushort>(reader, field, cancellationToken),
            TypeCode.Byte => Numbers<byte>(reader, field, cancellationToken),
            TypeCode.Boolean => Numbers<bool>(reader, field, cancellationToken),
            // Texts, as the reader names their type.
            _ when field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>) => Texts(
                reader,
                field,
                cancellationToken
            ),
            _ => throw new InvalidDataException(
                $"'{path}': the column '{field.Name}' is of the type {field.ClrType.Name}; numbers, Booleans and texts "
                    + "are read. Convert it before."
            ),
        };

    private static async Task<TableColumn> Numbers<T>(
        ParquetReader reader,
        DataField field,
        CancellationToken cancellationToken
    )
        where T : struct, IConvertible
    {
        var numbers = new List<IConvertible?>();
        foreach (var group in reader.RowGroups)
        {
            var cells = new T?[checked((int)group.RowCount)];
            if (field.IsNullable)
            {
                await group.ReadAsync<T>(field, cells.AsMemory(), null, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                var filled = new T[cells.Length];
                await group.ReadAsync<T>(field, filled.AsMemory(), null, cancellationToken).ConfigureAwait(false);
                cells = [.. filled.Select(cell => (T?)cell)];
            }
            numbers.AddRange(cells.Select(cell => (IConvertible?)cell));
        }
        return TableColumn.Of(field.Name, numbers);
    }

    private static async Task<TableColumn> Texts(
        ParquetReader reader,
        DataField field,
        CancellationToken cancellationToken
    )
    {
        var texts = new List<string?>();
        foreach (var group in reader.RowGroups)
        {
            var cells = new string?[checked((int)group.RowCount)];
            await group.ReadAsync(field, cells.AsMemory(), null, cancellationToken).ConfigureAwait(false);
            texts.AddRange(cells);
        }
        return new TableColumn(field.Name, texts);
    }
}
