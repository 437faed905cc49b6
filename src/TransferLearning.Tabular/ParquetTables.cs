using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace TransferLearning.Tabular;

/// <summary>Tables from Parquet files.</summary>
internal static class ParquetTables
{
    public static Task<Table> Read(string path, CancellationToken cancellationToken) =>
        Named(path, () => ReadAll(path, cancellationToken));

    /// <summary>Opens a file's reader; closing it is the caller's.</summary>
    public static Task<ParquetReader> Open(Stream stream, string path, CancellationToken cancellationToken) =>
        Named(
            path,
            async () =>
            {
                var reader = await ParquetReader
                    .CreateAsync(stream, cancellationToken: cancellationToken)
                    .ConfigureAwait(false);
                Fields(reader.Schema, path);
                return reader;
            }
        );

    /// <summary>Some columns of one group of rows.</summary>
    public static Task<Table> Read(
        ParquetReader reader,
        int group,
        IReadOnlyCollection<string> names,
        string path,
        CancellationToken cancellationToken
    ) =>
        Named(
            path,
            () =>
            {
                var fields = Fields(reader.Schema, path).Where(field => names.Contains(field.Name)).ToList();
                return Columns(fields, [reader.RowGroups[group]], path, cancellationToken);
            }
        );

    private static async Task<T> Named<T>(string path, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
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
                        or ObjectDisposedException
                    )
            )
        {
            throw new InvalidDataException($"'{path}' could not be read as a Parquet file: {fault.Message}", fault);
        }
    }

    private static async Task<Table> ReadAll(string path, CancellationToken cancellationToken)
    {
        var stream = File.OpenRead(path);
        await using (stream.ConfigureAwait(false))
        {
            var reader = await ParquetReader
                .CreateAsync(stream, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var fields = Fields(reader.Schema, path);
                return await Columns(fields, reader.RowGroups, path, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<Table> Columns(
        IEnumerable<DataField> fields,
        IReadOnlyList<ParquetRowGroupReader> groups,
        string path,
        CancellationToken cancellationToken
    )
    {
        var columns = new List<TableColumn>();
        foreach (var field in fields)
        {
            columns.Add(await Column(groups, field, path, cancellationToken).ConfigureAwait(false));
        }
        return new Table(columns);
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
        IReadOnlyList<ParquetRowGroupReader> groups,
        DataField field,
        string path,
        CancellationToken cancellationToken
    ) =>
        Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.Double => Numbers<double>(groups, field, cancellationToken),
            TypeCode.Single => Numbers<float>(groups, field, cancellationToken),
            TypeCode.Decimal => Numbers<decimal>(groups, field, cancellationToken),
            TypeCode.Int64 => Numbers<long>(groups, field, cancellationToken),
            TypeCode.Int32 => Numbers<int>(groups, field, cancellationToken),
            TypeCode.Int16 => Numbers<short>(groups, field, cancellationToken),
            TypeCode.SByte => Numbers<sbyte>(groups, field, cancellationToken),
            TypeCode.UInt64 => Numbers<ulong>(groups, field, cancellationToken),
            TypeCode.UInt32 => Numbers<uint>(groups, field, cancellationToken),
            TypeCode.UInt16 => Numbers<ushort>(groups, field, cancellationToken),
            TypeCode.Byte => Numbers<byte>(groups, field, cancellationToken),
            TypeCode.Boolean => Numbers<bool>(groups, field, cancellationToken),
            // Texts, as the reader names their type.
            _ when field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>) => Texts(
                groups,
                field,
                cancellationToken
            ),
            _ => throw new InvalidDataException(
                $"'{path}': the column '{field.Name}' is of the type {field.ClrType.Name}; numbers, Booleans and texts "
                    + "are read. Convert it before."
            ),
        };

    private static async Task<TableColumn> Numbers<T>(
        IReadOnlyList<ParquetRowGroupReader> groups,
        DataField field,
        CancellationToken cancellationToken
    )
        where T : struct, IConvertible
    {
        var numbers = new List<IConvertible?>();
        foreach (var group in groups)
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
        IReadOnlyList<ParquetRowGroupReader> groups,
        DataField field,
        CancellationToken cancellationToken
    )
    {
        var texts = new List<string?>();
        foreach (var group in groups)
        {
            var cells = new string?[checked((int)group.RowCount)];
            await group.ReadAsync(field, cells.AsMemory(), null, cancellationToken).ConfigureAwait(false);
            texts.AddRange(cells);
        }
        return new TableColumn(field.Name, texts);
    }
}
