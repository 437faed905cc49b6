using System.Globalization;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Checks of one domain's tensors, and of the domains of a run against each other.</summary>
internal static class DomainChecks
{
    public static LabelSpace SpaceOf(Tensor labels, long count, LabelSpace? given)
    {
        if (labels.dim() is < 1 or > 2 || labels.shape[0] != count)
        {
            throw new ArgumentException(
                $"labels must have one row for each of the {count} inputs, [n] or [n, k]; got {Shape.Of(labels)}.",
                nameof(labels)
            );
        }
        if (labels.is_floating_point())
        {
            return Values(labels, given);
        }
        if (labels.dtype != ScalarType.Int64 || labels.dim() != 1)
        {
            throw new ArgumentException(
                $"class labels must be int64 [n], values a floating dtype; got {Shape.Of(labels)}.",
                nameof(labels)
            );
        }
        return Classes(labels, count, given);
    }

    public static void Weights(Tensor? weights, long count)
    {
        if (weights is null)
        {
            return;
        }
        using var scope = NewDisposeScope();
        if (weights.dim() != 1 || weights.shape[0] != count || !weights.is_floating_point())
        {
            throw new ArgumentException(
                $"weights must be one floating number for each of the {count} examples, [n]; got {Shape.Of(weights)}.",
                nameof(weights)
            );
        }
        if (!weights.isfinite().all().item<bool>() || weights.lt(0).any().item<bool>() || weights.sum().ToDouble() <= 0)
        {
            throw new ArgumentException(
                "weights must be finite, none negative and not all zero; check the method or file that made them.",
                nameof(weights)
            );
        }
    }

    /// <summary>Rows that are to be joined must have one shape, one dtype and one device.</summary>
    public static void Alike(IReadOnlyList<IRowSource> domains, string name)
    {
        using var scope = NewDisposeScope();
        Tensor Sample(int domain) => Data.BatchedPass.Read(domains[domain], 0, Math.Min(1, domains[domain].Count));
        static string Of(Tensor rows) => $"{Shape.Text(rows.shape[1..])} of {rows.dtype} on {rows.device}";
        var first = Of(Sample(0));
        for (var i = 1; i < domains.Count; i++)
        {
            var other = Of(Sample(i));
            if (other != first)
            {
                throw new ArgumentException(
                    $"{name} must have rows of one shape, dtype and device; those of number {i} are {other}, those of "
                        + $"number 0 {first}.",
                    name
                );
            }
        }
    }

    /// <summary>Nothing of the domains may be disposed.</summary>
    public static void Alive(DomainSet domains)
    {
        void Apply(string name, Action look)
        {
            try
            {
                look();
            }
            catch (ObjectDisposedException fault)
            {
                throw new ObjectDisposedException($"{name}'s {fault.ObjectName}", $"{name}'s {fault.Message}");
            }
        }
        void Rows(IRowSource rows) => _ = rows is Data.TensorRows memory ? memory.Inputs : null;
        foreach (var (id, domain) in domains.Labeled)
        {
            Apply(
                id.IsTarget ? "labeled target" : id.ToString(),
                () =>
                {
                    Rows(domain.Rows);
                    _ = (domain.Labels, domain.Weights);
                }
            );
        }
        if (domains.HasTarget)
        {
            Apply("target", () => Rows(domains.Target.Rows));
        }
    }

    /// <summary>
    /// Labels and weights that are not where the rows are, in words; a run on a device of its own moves them all.
    /// </summary>
    public static IEnumerable<string> DeviceFaults(DomainSet domains, Device? device)
    {
        if (device is not null)
        {
            yield break;
        }
        foreach (var (id, domain) in domains.Labeled)
        {
            if (domain.Rows is not Data.TensorRows memory)
            {
                continue;
            }
            var name = id.IsTarget ? "labeled target" : id.ToString();
            var home = memory.Inputs.device.ToString();
            foreach (var (what, beside) in new[] { ("labels", domain.Labels), ("weights", domain.Weights) })
            {
                if (beside is not null && beside.device.ToString() != home)
                {
                    yield return $"{name}: {what} are on {beside.device}, the rows on {home}; put them on one device, "
                        + "or set FitOptions.Device.";
                }
            }
        }
    }

    /// <summary>Every fault in the domains of a run, in words.</summary>
    public static IEnumerable<string> Faults(DomainSet domains)
    {
        var rows = domains.Sources.Select((source, i) => (Name: DomainId.Source(i).ToString(), source.Rows)).ToList();
        if (domains.HasTarget)
        {
            rows.Add(("target", domains.Target.Rows));
        }
        if (domains.LabeledTarget is { } few)
        {
            rows.Add(("labeled target", few.Rows));
        }
        Tensor? first = null;
        foreach (var (name, source) in rows)
        {
            if (source.Count < 2)
            {
                yield return $"{name}: has {source.Count} example(s); at least 2 are needed.";
                continue;
            }
            using var scope = NewDisposeScope();
            var sample = Data.BatchedPass.Read(source, 0, 1);
            if (!sample.is_floating_point() && sample.dtype is not (ScalarType.Int64 or ScalarType.Int32))
            {
                yield return $"{name}: inputs are {sample.dtype}; convert them to a floating dtype, float32 for "
                    + "networks for instance, or token numbers to int64.";
            }
            first ??= sample.DetachFromDisposeScope();
            if (sample.dim() > 1 && sample.numel() == 0)
            {
                yield return $"{name}: rows have shape {Shape.Text(sample.shape[1..])} and so no numbers; give at "
                    + "least one feature.";
            }
            if (!sample.shape.AsSpan(1).SequenceEqual(first.shape.AsSpan(1)))
            {
                yield return $"{name}: rows have shape {Shape.Text(sample.shape[1..])}, those of {rows[0].Name} "
                    + $"{Shape.Text(first.shape[1..])}.";
            }
            if (sample.dtype != first.dtype || sample.device.ToString() != first.device.ToString())
            {
                yield return $"{name}: rows are {sample.dtype} on {sample.device}, those of {rows[0].Name} "
                    + $"{first.dtype} on {first.device}.";
            }
            if (source is Data.TensorRows memory && sample.is_floating_point() && !AllFinite(memory.Inputs))
            {
                yield return $"{name}: inputs hold NaN or infinite values; clean or impute them first.";
            }
        }
        first?.Dispose();
        foreach (var (id, labeled) in domains.Labeled)
        {
            if (labeled.Space != domains.Space)
            {
                yield return $"{(id.IsTarget ? "labeled target" : id.ToString())}: labels mean {labeled.Space}, those "
                    + "of source 0 "
                    + $"{domains.Space}; give all domains the same LabelSpace (one that lacks the highest class "
                    + "says it with space:).";
            }
        }
    }

    // A sum is finite exactly if no summand is NaN and no infinities (or overflow) occur: one pass without a mask of n
    // x d booleans.
    private static bool AllFinite(Tensor inputs)
    {
        using var scope = NewDisposeScope();
        return inputs.sum().isfinite().item<bool>() || inputs.isfinite().all().item<bool>();
    }

    private static LabelSpace Values(Tensor labels, LabelSpace? given)
    {
        using var scope = NewDisposeScope();
        var width = labels.dim() == 1 ? 1 : labels.shape[1];
        if (given is { } space && (space.IsClasses || space.Width != width))
        {
            throw new ArgumentException($"labels are {width} value(s) a row, but space says {space}.", nameof(labels));
        }
        if (!labels.isfinite().all().item<bool>())
        {
            throw new ArgumentException("labels hold NaN or infinite values; clean them first.", nameof(labels));
        }
        if (given is { IsMultiLabel: true } && labels.eq(0).logical_or(labels.eq(1)).logical_not().any().item<bool>())
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"labels must be 0 or 1, as space says {given}; found others from {labels.min().ToDouble():G4} to "
                        + $"{labels.max().ToDouble():G4}."
                ),
                nameof(labels)
            );
        }
        return given ?? LabelSpace.Values(width);
    }

    private static LabelSpace Classes(Tensor labels, long count, LabelSpace? given)
    {
        if (count == 0)
        {
            return given ?? LabelSpace.Classes(1);
        }
        using var scope = NewDisposeScope();
        var (lowest, highest) = (labels.min().ToInt64(), labels.max().ToInt64());
        if (given is { IsClasses: false } others)
        {
            throw new ArgumentException($"labels are class numbers, but space says {others}.", nameof(labels));
        }
        var width = given?.Width ?? highest + 1;
        if (lowest < 0 || highest >= width)
        {
            throw new ArgumentException(
                $"class labels must lie in 0 ... {Math.Max(0, width - 1)}; found {(lowest < 0 ? lowest : highest)}.",
                nameof(labels)
            );
        }
        return given ?? LabelSpace.Classes(width);
    }
}
