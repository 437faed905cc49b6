using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>Splits labeled rows without letting what belongs together fall on both sides.</summary>
/// <remarks>
/// Inputs must lie in memory. The parts' tensors are copies of the rows; they belong to the dispose scope that is open,
/// if any. Weights go along, and the label space stays.
/// </remarks>
public static class DomainSplit
{
    /// <summary>Rows of several domains, as domains of their own.</summary>
    /// <param name="data">Rows of all domains.</param>
    /// <param name="domains">The number of each row's domain, int64 <c>[n]</c>.</param>
    /// <returns>A domain for each number that occurs, the smallest first, rows in their order.</returns>
    public static IReadOnlyList<LabeledDomain> ByDomain(LabeledDomain data, Tensor domains)
    {
        var numbers = Numbers(data, domains);
        return
        [
            .. Enumerable
                .Range(0, numbers.Length)
                .GroupBy(row => numbers[row])
                .OrderBy(rows => rows.Key)
                .Select(rows => Rows(data, rows)),
        ];
    }

    /// <summary>Holds out whole groups: patients, machines, documents whose rows resemble each other.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="groups">The number of each row's group, int64 <c>[n]</c>; two groups at least.</param>
    /// <param name="share">
    /// The share of the groups that is held out, above 0 and below 1; one group at least, and one stays.
    /// </param>
    /// <param name="key">The key of the draw.</param>
    /// <returns>The rows that stay and those of the held-out groups, in their order.</returns>
    public static (LabeledDomain Kept, LabeledDomain HeldOut) ByGroup(
        LabeledDomain data,
        Tensor groups,
        double share,
        RandomKey key
    )
    {
        Share(share);
        var numbers = Numbers(data, groups);
        var all = numbers.Distinct().Order().ToArray();
        if (all.Length < 2)
        {
            throw new ArgumentException(
                "groups must be two at least, one to keep and one to hold out; all rows are of one.",
                nameof(groups)
            );
        }
        key.Random().Shuffle(all);
        var held = all[..Math.Clamp((int)Math.Round(share * all.Length), 1, all.Length - 1)].ToHashSet();
        return Parts(data, row => held.Contains(numbers[row]));
    }

    /// <summary>Holds out rows of every domain and every class in it, each by the same share.</summary>
    /// <param name="domains">The domains, of classes.</param>
    /// <param name="share">
    /// The share of a class's rows that is held out, above 0 and below 1: one row at least and one stays, where there
    /// are two; a single row stays.
    /// </param>
    /// <param name="key">The key of the draw.</param>
    /// <returns>For each domain the rows that stay and those that are held out, in their order.</returns>
    /// <exception cref="ArgumentException">
    /// The labels of a domain are values, or none of its classes has two rows.
    /// </exception>
    public static (IReadOnlyList<LabeledDomain> Kept, IReadOnlyList<LabeledDomain> HeldOut) Stratified(
        IReadOnlyList<LabeledDomain> domains,
        double share,
        RandomKey key
    )
    {
        ArgumentNullException.ThrowIfNull(domains);
        Share(share);
        var parts = domains.Select((domain, i) => Stratified(domain, share, key.Child(i))).ToList();
        return ([.. parts.Select(part => part.Kept)], [.. parts.Select(part => part.HeldOut)]);
    }

    private static (LabeledDomain Kept, LabeledDomain HeldOut) Stratified(
        LabeledDomain domain,
        double share,
        RandomKey key
    )
    {
        ArgumentNullException.ThrowIfNull(domain);
        if (!domain.Space.IsClasses)
        {
            throw new ArgumentException($"the strata are classes; the labels are {domain.Space}.", "domains");
        }
        var labels = Numbers(domain, domain.Labels);
        var random = key.Random();
        var held = new HashSet<int>();
        foreach (
            var ofClass in Enumerable
                .Range(0, labels.Length)
                .GroupBy(row => labels[row])
                .OrderBy(rows => rows.Key)
                .Select(rows => rows.ToArray())
                .Where(rows => rows.Length > 1)
        )
        {
            random.Shuffle(ofClass);
            held.UnionWith(ofClass[..Math.Clamp((int)Math.Round(share * ofClass.Length), 1, ofClass.Length - 1)]);
        }
        return held.Count > 0
            ? Parts(domain, held.Contains)
            : throw new ArgumentException(
                "a domain has no class of two rows, so that no row can be held out and none stay of its class.",
                "domains"
            );
    }

    private static (LabeledDomain Kept, LabeledDomain HeldOut) Parts(LabeledDomain data, Func<int, bool> isHeld)
    {
        var sides = Enumerable.Range(0, (int)data.Count).ToLookup(isHeld);
        return (Rows(data, sides[false]), Rows(data, sides[true]));
    }

    private static LabeledDomain Rows(LabeledDomain data, IEnumerable<int> rows)
    {
        using var scope = NewDisposeScope();
        var which = tensor(rows.Select(row => (long)row).ToArray());
        Tensor Of(Tensor all) => all.index_select(0, which.to(all.device)).MoveToOuterDisposeScope();
        return new LabeledDomain(
            Of(data.Inputs),
            Of(data.Labels),
            data.Weights is { } weights ? Of(weights) : null,
            data.Space
        );
    }

    private static long[] Numbers(
        LabeledDomain data,
        Tensor numbers,
        [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(numbers))] string name = ""
    )
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Alive(numbers, name);
        if (numbers.dtype != int64 || numbers.dim() != 1 || numbers.shape[0] != data.Count)
        {
            throw new ArgumentException(
                $"{name} must be a number for each of the {data.Count} rows, int64; got {Shape.Of(numbers)}.",
                name
            );
        }
        using var scope = NewDisposeScope();
        return numbers.cpu().data<long>().ToArray();
    }

    private static void Share(double share)
    {
        Guard.Positive(share);
        Guard.InRange(share, 0, 1);
    }
}
