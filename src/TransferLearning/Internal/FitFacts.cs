using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// What a model knows of the rows and labels of its fit; nothing, where it was put together by hand.
/// </summary>
internal sealed record FitFacts
{
    /// <summary>The shape of one row.</summary>
    public IReadOnlyList<long>? RowShape { get; init; }

    /// <summary>The dtype of the rows.</summary>
    public ScalarType? RowType { get; init; }

    /// <summary>What the labels meant.</summary>
    public LabelSpace? Space { get; init; }

    /// <summary>Whether labels were one value a row, <c>[n]</c>: predictions are given so too.</summary>
    public bool ValuesAreFlat { get; init; }

    /// <summary>Whether rows of a dtype are token numbers.</summary>
    public static bool IsOfTokens(ScalarType? type) => type is ScalarType.Int64 or ScalarType.Int32;

    /// <summary>Writes the facts, or reads those of a file.</summary>
    public FitFacts Exchange(StateBag bag)
    {
        if (bag.IsLoading && !bag.Has("row dimensions"))
        {
            return this; // a file that AdaptedModel.Save did not write
        }
        return new FitFacts
        {
            RowShape = Shape(bag),
            RowType = Type(bag),
            Space = Labels(bag),
            ValuesAreFlat = Flat(bag),
        };
    }

    private long[]? Shape(StateBag bag)
    {
        long dimensions = RowShape?.Count ?? -1;
        bag.Number("row dimensions", ref dimensions);
        if (dimensions < 0)
        {
            return null;
        }
        var sizes = RowShape?.ToArray() ?? new long[dimensions];
        for (var i = 0; i < sizes.Length; i++)
        {
            bag.Number($"row size {i}", ref sizes[i]);
        }
        return sizes;
    }

    private ScalarType? Type(StateBag bag)
    {
        var name = RowType?.ToString() ?? "";
        if (!bag.IsLoading || bag.Has("row type"))
        {
            bag.Text("row type", ref name);
        }
        return name.Length == 0 ? null
            : Enum.TryParse<ScalarType>(name, out var type) && Enum.IsDefined(type) ? type
            : throw new InvalidDataException($"The file holds rows of the dtype '{name}', which is unknown here.");
    }

    private LabelSpace? Labels(StateBag bag)
    {
        var (kind, width) = (
            Space is null ? ""
            : Space.Value.IsClasses ? "classes"
            : Space.Value.IsMultiLabel ? "multi-label"
            : "values",
            Space?.Width ?? 0
        );
        bag.Text("labels", ref kind);
        bag.Number("label width", ref width);
        var names = Space?.Names.ToArray() ?? [];
        long named = names.Length;
        bag.Number("class names", ref named);
        Array.Resize(ref names, (int)named);
        for (var i = 0; i < names.Length; i++)
        {
            names[i] ??= "";
            bag.Text($"class name {i}", ref names[i]);
        }
        return kind switch
        {
            "classes" when named > 0 => LabelSpace.Classes(names),
            "classes" => LabelSpace.Classes(width),
            "multi-label" when named > 0 => LabelSpace.MultiLabel(names),
            "multi-label" => LabelSpace.MultiLabel(width),
            "values" => LabelSpace.Values(width),
            "" => null,
            _ => throw new InvalidDataException($"The file holds labels of the kind '{kind}', which is unknown here."),
        };
    }

    private bool Flat(StateBag bag)
    {
        long flat = ValuesAreFlat ? 1 : 0;
        if (!bag.IsLoading || bag.Has("values are flat"))
        {
            bag.Number("values are flat", ref flat);
        }
        return flat != 0;
    }
}
