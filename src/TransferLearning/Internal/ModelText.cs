using System.Globalization;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>What the parts of a model are and hold, for people.</summary>
internal static class ModelText
{
    /// <summary>One line for each part, outer parts first, none twice.</summary>
    public static string Of(IFeatureExtractor extractor, ILabelPredictor predictor)
    {
        var extracting = extractor.WithInner().ToList();
        var seen = new HashSet<IPart>(extracting, ReferenceEqualityComparer.Instance);
        var lines = extracting
            .Select(part => Line("extractor", part))
            .Concat(predictor.WithInner().Where(seen.Add).Select(part => Line("predictor", part)));
        return string.Join(Environment.NewLine, lines);
    }

    private static string Line(string role, IPart part)
    {
        var held = part is ITrainable trainable ? OfNetwork(trainable.Module) : OfTensors(Own(part));
        return $"{role}: {part.GetType().Name}{(held.Length > 0 ? ", " : "")}{held}";
    }

    private static string OfNetwork(nn.Module module) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{module.GetType().Name}: {module.parameters().Sum(it => it.numel()):N0} parameters, "
                + $"{module.buffers().Sum(it => it.numel()):N0} in buffers"
        );

    private static string OfTensors(IEnumerable<(string Name, Tensor Value)> tensors) =>
        string.Join(", ", tensors.Select(it => $"{it.Name} {Shape.Of(it.Value)}"));

    // What inner parts hold stands in their own lines.
    private static IEnumerable<(string Name, Tensor Value)> Own(IPart part)
    {
        var inner = part.WithInner()
            .Skip(1)
            .SelectMany(Tensors)
            .Select(it => it.Value)
            .ToHashSet<object>(ReferenceEqualityComparer.Instance);
        return Tensors(part).Where(it => !inner.Contains(it.Value));
    }

    private static List<(string Name, Tensor Value)> Tensors(IPart part)
    {
        var found = new List<(string, Tensor)>();
        using var bag = StateBag.ForLooking((name, value) => found.Add((name, value)));
        (part as ISavedPart)?.Exchange(bag);
        return found;
    }
}
