using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// The terms of domain adaptive hashing (DAH): codes of labeled rows of one class are drawn together and those of two
/// held apart, each target row is to resemble the codes of one class, and codes are to be near their signs.
/// </summary>
/// <remarks>
/// <para>
/// <c>(L + EntropyWeight E + QuantizationWeight Q) / (n_s + n_t)</c>, the extractor's features u being the codes
/// (<see cref="HashLayer"/>): <c>L = sum_{i != j} w_ij (log(1 + e^z_ij) - s_ij z_ij)</c> over the pairs of labeled
/// rows, <c>z_ij = u_i . u_j / 2</c>, s 1 for pairs of one class and else 0, w <see cref="SimilarWeight"/> for pairs of
/// one class and else 1; <c>E = sum_t H(p_t)</c> in nats over the target's rows, <c>p_tc</c> proportional to
/// <c>mean_{i of class c} e^(u_i . u_t)</c>; <c>Q = sum ||u - sgn u||^2</c> over the rows of both (Venkateswara,
/// Eusebio, Chakraborty and Panchanathan 2017, "Deep Hashing Network for Unsupervised Domain Adaptation"; terms,
/// constants and the division by the step's rows as in the authors' program, which runs on MatConvNet). The pair of a
/// row with itself teaches nothing there and is left out.
/// </para>
/// <para>
/// Every step draws labeled rows of its own, as many of each class. Rows with example weights are refused; labels are
/// class numbers. Computed in float64; costs <c>n_s (n_s + n_t) bits</c>. One object serves one training at a time.
/// </para>
/// </remarks>
public sealed class DeepHashing : IObjective, ITrainingHook
{
    private List<(DomainId Id, LabeledDomain Domain, IReadOnlyList<long[]> Classes)>? labeled;

    /// <summary>How much pairs of one class weigh, positive; there are few. Default 10, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double SimilarWeight { get; init; } = 10;

    /// <summary>The weight of the target's entropy, not negative. Default 1, the authors'.</summary>
    [OptionRange(AtLeast = 0)]
    public double EntropyWeight { get; init; } = 1;

    /// <summary>The weight of the distance from signs, not negative. Default 1, the authors'.</summary>
    [OptionRange(AtLeast = 0)]
    public double QuantizationWeight { get; init; } = 1;

    /// <summary>
    /// How many labeled rows of each class a step draws, at least 1; a class with fewer gives all it has. Default 5,
    /// the authors'. Null takes the step's own labeled batches instead.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? RowsPerClass { get; init; } = 5;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        HashTerms.Check(step.Labeled, nameof(step));
        var batches = labeled is null ? [.. step.Labeled] : Drawn(step, labeled);
        var codes = cat([.. batches.Select(step.Features)]);
        var labels = cat([.. batches.Select(batch => batch.Labels)]);
        var target = step.Features(step.Target);
        var total = OfPairs(codes, labels, SimilarWeight);
        if (EntropyWeight > 0)
        {
            total += EntropyWeight * OfTarget(target, codes, labels, batches[0].Space.Width);
        }
        if (QuantizationWeight > 0)
        {
            total += QuantizationWeight * OfSigns(cat([codes, target]));
        }
        return total / (codes.shape[0] + target.shape[0]);
    }

    /// <summary>The term L of labeled rows, a sum over ordered pairs.</summary>
    /// <param name="codes">Codes <c>[n, bits]</c>.</param>
    /// <param name="labels">Their class numbers, int64 <c>[n]</c>.</param>
    /// <param name="similarWeight">How much pairs of one class weigh.</param>
    /// <returns>A scalar, 0 for one row, differentiable in the codes; the caller disposes it.</returns>
    public static Tensor OfPairs(Tensor codes, Tensor labels, double similarWeight = 10)
    {
        Guard.Rows(codes);
        Guard.Alive(labels);
        Guard.Positive(similarWeight);
        HashTerms.Check(labels, codes, nameof(labels));
        using var scope = NewDisposeScope();
        var (losses, isSame) = HashTerms.OfPairs(codes, labels, 0.5);
        return (losses * (1 + ((similarWeight - 1) * isSame))).sum().to(codes.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>The term E of the target's rows, a sum over them.</summary>
    /// <param name="target">The target's codes <c>[m, bits]</c>.</param>
    /// <param name="codes">Codes of labeled rows <c>[n, bits]</c>.</param>
    /// <param name="labels">Their class numbers, int64 <c>[n]</c>.</param>
    /// <param name="classes">The number of classes; those without rows have no share.</param>
    /// <returns>A scalar, differentiable in both codes; the caller disposes it.</returns>
    public static Tensor OfTarget(Tensor target, Tensor codes, Tensor labels, long classes)
    {
        Guard.Pair(target, codes);
        Guard.Alive(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        HashTerms.Check(labels, codes, nameof(labels));
        using var scope = NewDisposeScope();
        var products = target.to(float64).matmul(codes.to(float64).t());
        var (largest, _) = products.detach().max(1, keepdim: true);
        var members = nn.functional.one_hot(labels, classes).to(float64);
        var means = (products - largest).exp().matmul(members / members.sum(dim: 0).clamp_min(1));
        var shares = means / means.sum(1, keepdim: true);
        // A share of 0 adds 0, and so does its slope.
        return (shares * shares.clamp_min(1e-300).log()).sum().neg().to(target.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>The term Q: squared distances of codes from their signs, a sum over rows and bits.</summary>
    /// <param name="codes">Codes <c>[n, bits]</c>.</param>
    /// <returns>A scalar, differentiable in the codes; the caller disposes it.</returns>
    public static Tensor OfSigns(Tensor codes)
    {
        Guard.Rows(codes);
        using var scope = NewDisposeScope();
        var wide = codes.to(float64);
        return (wide - HashCodes.SignsOf(wide.detach())).square().sum().to(codes.dtype).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        labeled = RowsPerClass is null
            ? null
            :
            [
                .. view.Domains.Labeled.Select(pair =>
                    (pair.Id, pair.Domain, EpisodeRows.Classes(pair.Domain, ways: 1, shots: 1, queries: 0))
                ),
            ];
    }

    /// <inheritdoc />
    public void OnResume(TrainingView view) => OnStart(view);

    /// <inheritdoc />
    public void OnEnd() => labeled = null; // the next training may be of other domains

    /// <summary>Nothing: what is drawn follows from the step.</summary>
    public void Exchange(StateBag state) => ArgumentNullException.ThrowIfNull(state);

    private List<LabeledBatch> Drawn(
        StepContext step,
        List<(DomainId Id, LabeledDomain Domain, IReadOnlyList<long[]> Classes)> domains
    )
    {
        using var quiet = no_grad();
        var device = step.Target.Inputs.device;
        var random = step.NextKey().Random();
        var batches = new List<LabeledBatch>();
        foreach (var (id, domain, classes) in domains)
        {
            Canceling.Check();
            var rows = tensor(
                classes.SelectMany(all => Some(all, RowsPerClass!.Value, random)).ToArray(),
                dtype: int64
            );
            var inputs = BatchedPass
                .Read(domain.Rows, domain.Rows is TensorRows memory ? rows.to(memory.Inputs.device) : rows)
                .to(device);
            var labels = domain.Labels.index_select(0, rows.to(domain.Labels.device)).to(device);
            batches.Add(new LabeledBatch(inputs, labels, id, rows, null, domain.Space));
        }
        return batches;
    }

    // The head of a shuffle that is carried no further than it is read.
    private static IEnumerable<long> Some(long[] all, int most, Random random)
    {
        var pool = all.ToArray();
        var count = Math.Min(most, pool.Length);
        for (var i = 0; i < count; i++)
        {
            var j = random.Next(i, pool.Length);
            (pool[i], pool[j]) = (pool[j], pool[i]);
        }
        return pool[..count];
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return [.. plan.OfClasses(), .. plan.Target()];
    }
}
