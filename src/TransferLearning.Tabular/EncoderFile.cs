using System.Text.Json;
using System.Text.Json.Serialization;

namespace TransferLearning.Tabular;

/// <summary>What the file of a <see cref="TableEncoder"/> holds.</summary>
internal sealed record EncoderFile
{
    /// <summary>The version that this program writes.</summary>
    private const int Present = 1;

    public static EncoderFileContext Context { get; } =
        new(
            new JsonSerializerOptions
            {
                WriteIndented = true,
                DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
                Converters = { new JsonStringEnumConverter<UnknownCategories>() },
            }
        );

    public int Version { get; init; } = Present;

    public required IReadOnlyList<FeatureColumn> Columns { get; init; }

    public string? Label { get; init; }

    public IReadOnlyList<string>? Classes { get; init; }

    public string? Weight { get; init; }

    public UnknownCategories Unknown { get; init; }

    public static TableEncoder Read(string path)
    {
        EncoderFile? file;
        try
        {
            file = JsonSerializer.Deserialize(File.ReadAllBytes(path), Context.EncoderFile);
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"'{path}' is no encoder of tables: {fault.Message}", fault);
        }
        if (file is null || file.Version is < 1 or > Present)
        {
            throw new InvalidDataException(
                $"'{path}' is an encoder of version {file?.Version}; this program reads up to {Present}."
            );
        }
        if (!IsWhole(file))
        {
            throw new InvalidDataException(
                $"'{path}' is no encoder of tables: it has no columns, or one without a name, or a name twice."
            );
        }
        LabelSpace? labels =
            file.Label is null ? null
            : file.Classes is { } classes ? LabelSpace.Classes(classes)
            : LabelSpace.Values(1);
        return new TableEncoder(file.Columns, file.Label, labels, file.Weight, file.Unknown);
    }

    private static bool IsWhole(EncoderFile file) =>
        file.Columns is { Count: > 0 } columns
        && columns.All(column => column is { Name.Length: > 0 } && AreNames(column.Categories))
        && AreNames(columns.Select(column => column.Name))
        && file.Classes is not { Count: 0 }
        && AreNames(file.Classes);

    private static bool AreNames(IEnumerable<string>? names) =>
        names is null
        || (names.All(name => name is not null) && names.Distinct(StringComparer.Ordinal).Count() == names.Count());
}
