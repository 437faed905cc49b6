using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// DDAN: the mean discrepancy of the domains and that class by class, balanced by how far each stands apart.
/// </summary>
/// <remarks>
/// <para>
/// <c>(1 - mu) MMD + mu LMMD</c> with <see cref="MultiKernelMaximumMeanDiscrepancy"/>, biased, and
/// <see cref="LocalMaximumMeanDiscrepancy"/> (Wang, Chen, Feng, Yu, Huang and Yang 2020, "Transfer Learning with
/// Dynamic Distribution Adaptation"). Before every epoch <c>mu = a_c / (a_m + a_c)</c> is estimated anew from the proxy
/// A-distance <c>a_m = 2 (1 - 2 error)</c> of the domains' features and its mean <c>a_c</c> over the classes, the
/// target's being the predictions, by logistic regressions. The paper's formula sums over the classes, which with many
/// of them holds mu near 1; the mean is that of the authors' programs and of
/// <see cref="ManifoldEmbeddedDistributionAlignment"/>.
/// </para>
/// <para>
/// Differentiable in the features. Costs two kernel matrices a step; a pass over at most <see cref="MaxRows"/> rows a
/// domain and <c>C + 1</c> logistic regressions an epoch. The balance is checkpointed. One object serves one training
/// at a time.
/// </para>
/// </remarks>
public sealed class DynamicDistributionDiscrepancy : IObjective, ITrainingHook
{
    private const double Undecided = 0.5;

    private double estimate = Undecided;

    /// <summary>
    /// The balance mu in [0, 1]: 0 aligns the domains alone, 1 the classes alone; null, the default, estimates it.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double? Balance { get; init; }

    /// <summary>
    /// The most rows of a domain that the estimate looks at, drawn for every epoch, at least 2. Default 2000.
    /// </summary>
    [OptionRange(AtLeast = 2)]
    public int MaxRows { get; init; } = 2000;

    /// <summary>The multipliers of the kernels' squared width. Default 1/8, 1/4, 1/2, 1, 2.</summary>
    [OptionRange(Above = 0)]
    public IReadOnlyList<double> Multipliers { get; init; } = [0.125, 0.25, 0.5, 1, 2];

    /// <summary>The balance at present: the last estimate, 1/2 before the first.</summary>
    public double PresentBalance => Balance ?? estimate;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var target = step.Features(step.Target);
        var probabilities = step.Scores(step.Target).detach().softmax(1);
        return step.Sources.Select(source =>
                    Between(step.Features(source), source.Labels, target, probabilities, source.Weights)
                )
                .Aggregate((sum, next) => sum + next) / step.Sources.Count;
    }

    /// <summary>The discrepancy of two samples at the present balance.</summary>
    /// <param name="source">Source features <c>[n, d]</c>.</param>
    /// <param name="labels">Their class numbers <c>[n]</c>, or class probabilities <c>[n, C]</c>.</param>
    /// <param name="target">Target features <c>[m, d]</c>.</param>
    /// <param name="probabilities">Their class probabilities <c>[m, C]</c>; no gradient flows into them.</param>
    /// <param name="weights">Weights <c>[n]</c> of the source rows, in any scale, or null.</param>
    /// <returns>A scalar; the caller disposes it.</returns>
    public Tensor Between(Tensor source, Tensor labels, Tensor target, Tensor probabilities, Tensor? weights = null)
    {
        Guard.Alive(labels);
        Guard.AliveOrNull(weights);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var ofDomains = new MultiKernelMaximumMeanDiscrepancy
        {
            Multipliers = Multipliers,
            Estimator = MeanEmbeddingEstimator.Biased,
        };
        var ofClasses = new LocalMaximumMeanDiscrepancy { Multipliers = Multipliers };
        return (
            (
                (1 - PresentBalance)
                * (
                    weights is null
                        ? ofDomains.Between(source, target)
                        : ofDomains.BetweenWeighted(source, target, weights)
                )
            ) + (PresentBalance * ofClasses.Between(source, labels, target, probabilities, weights))
        ).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view) => estimate = Undecided;

    /// <inheritdoc />
    public void OnEpoch(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (Balance is not null)
        {
            return;
        }
        using var scope = NewDisposeScope();
        var domains = view.Domains;
        var draws = 0;
        (Tensor Features, Tensor Rows) Some(IRowSource source, DomainId id)
        {
            using var generator = view.Key.Child(draws++).Generator();
            var rows = randperm(source.Count, generator: generator).narrow(0, 0, Math.Min(MaxRows, source.Count));
            return (BatchedPass.Over(new TensorRows(BatchedPass.Read(source, rows)), view.Extractor.For(id)), rows);
        }
        var sources = domains.Sources.Select((source, i) => Some(source.Rows, DomainId.Source(i))).ToList();
        var target = Some(domains.Target.Rows, DomainId.Target).Features;
        var labels = cat([
            .. domains.Sources.Zip(
                sources,
                (source, some) => source.Labels.index_select(0, some.Rows.to(source.Labels.device)).to(target.device)
            ),
        ]);
        var predicted = view.Predictor.Predict(target).argmax(1);
        Tensor OneHot(Tensor classes) => nn.functional.one_hot(classes, domains.Space.Width).to(float64);
        var all = cat([.. sources.Select(some => some.Features), target]).to(float64);
        estimate = new DomainSeparation(all, labels.shape[0]).Balance(OneHot(labels), OneHot(predicted));
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Number("balance", ref estimate);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
