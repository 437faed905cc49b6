using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>What is known of a chain of stages before anything is computed.</summary>
/// <remarks>Stages read it, add faults to it, and return the plan that the next stage meets.</remarks>
public sealed class ChainPlan
{
    private readonly List<string> faults;
    private readonly List<Exception> causes;
    private (IReadOnlyList<long>? Shape, ScalarType? Type) features;

    internal ChainPlan(DomainSet domains, IReadOnlyList<long>? rowShape, FitOptions options, List<string> faults)
        : this(domains, rowShape, options, faults, []) { }

    private ChainPlan(
        DomainSet domains,
        IReadOnlyList<long>? rowShape,
        FitOptions options,
        List<string> faults,
        List<Exception> causes
    )
    {
        Domains = domains;
        RowShape = rowShape;
        Options = options;
        Training = options.Training;
        (this.faults, this.causes) = (faults, causes);
    }

    private ChainPlan(ChainPlan other)
        : this(other.Domains, other.RowShape, other.Options, other.faults, other.causes)
    {
        (RowType, IsMapped, Extractor, features, Predictor, HasPredictor) = (
            other.RowType,
            other.IsMapped,
            other.Extractor,
            other.features,
            other.Predictor,
            other.HasPredictor
        );
        (HasWeights, Training, Current, Stage, Label) = (
            other.HasWeights,
            other.Training,
            other.Current,
            other.Stage,
            other.Label
        );
    }

    /// <summary>
    /// The domains as the caller gave them: counts, labels and dtypes hold through the chain, rows do not.
    /// </summary>
    public DomainSet Domains { get; }

    /// <summary>The options of the run.</summary>
    public FitOptions Options { get; }

    /// <summary>The shape of one row as the next stage will meet it; null where only fitting can tell.</summary>
    public IReadOnlyList<long>? RowShape { get; private init; }

    /// <summary>
    /// The dtype of the rows as the next stage will meet them: a floating one, or int64 or int32 for rows of tokens;
    /// null where only fitting can tell.
    /// </summary>
    public ScalarType? RowType { get; internal init; }

    /// <summary>The dtype to try rows in, where the caller's are like a sample.</summary>
    internal ScalarType TriedType(Tensor sample) =>
        RowType ?? (sample.is_floating_point() ? sample.dtype : ScalarType.Float32);

    /// <summary>
    /// Whether an earlier stage maps the rows, so that they are no longer those of <see cref="Domains"/>.
    /// </summary>
    internal bool IsMapped { get; private init; }

    /// <summary>Whether the rows are token numbers, which only extractors can read.</summary>
    internal bool RowsAreTokens => FitFacts.IsOfTokens(RowType);

    /// <summary>
    /// The shape of one row of what a shallow method will meet: of the extractor's features where one stands on the
    /// rows, of the rows where none does; null where only fitting can tell.
    /// </summary>
    public IReadOnlyList<long>? FeatureShape => HasExtractor ? features.Shape : RowShape;

    /// <summary>
    /// How wide the rows <c>[n, d]</c> are that a shallow method will meet; null where only fitting can tell, and where
    /// they are no vectors.
    /// </summary>
    public long? Width => FeatureShape is [var width] ? width : null;

    /// <summary>How the networks of the present stage are trained: by its own options, or by the run's.</summary>
    public TrainingOptions Training { get; private init; }

    /// <summary>The extractor that stands on the rows, or null.</summary>
    public IFeatureExtractor? Extractor { get; private init; }

    /// <summary>The predictor on top; null where none stands there, and where only fitting makes it.</summary>
    public ILabelPredictor? Predictor { get; private init; }

    /// <summary>Whether an extractor stands on the rows.</summary>
    public bool HasExtractor => Extractor is not null;

    /// <summary>Whether a predictor stands on top.</summary>
    public bool HasPredictor { get; private init; }

    /// <summary>
    /// Whether an earlier stage gives the source's examples weights; those that the caller gave stand in
    /// <see cref="Domains"/>.
    /// </summary>
    public bool HasWeights { get; private init; }

    /// <summary>The faults found so far, in words.</summary>
    public IReadOnlyList<string> Faults => faults;

    /// <summary>The exceptions behind some of the faults.</summary>
    internal IReadOnlyList<Exception> Causes => causes;

    internal IAdaptationStage? Current { get; private init; }

    internal int Stage { get; private init; }

    internal string Label { get; private init; } = "";

    /// <summary>Adds a fault; the stage's number and name are put before it.</summary>
    /// <param name="message">What is wrong, what was expected, and what to do.</param>
    /// <param name="cause">
    /// The exception that told it, or null: whoever catches the refusal finds its stack there.
    /// </param>
    public void Fault(string message, Exception? cause = null)
    {
        faults.Add(Label.Length == 0 ? message : $"stage {Stage + 1} ({Label}): {message}");
        if (cause is not null)
        {
            causes.Add(cause);
        }
    }

    /// <summary>The plan after a map to rows of another shape; parts on top are dropped.</summary>
    /// <param name="rowShape">The new shape of one row, or null where only fitting can tell.</param>
    /// <param name="rowType">The new dtype of the rows, or null where only fitting can tell.</param>
    public ChainPlan WithRows(IReadOnlyList<long>? rowShape, ScalarType? rowType = null) =>
        new(this)
        {
            RowShape = rowShape,
            RowType = rowType,
            IsMapped = true,
            Extractor = null,
            features = default,
            Predictor = null,
            HasPredictor = false,
        };

    /// <summary>
    /// The plan whose rows are the extractor's features, as <see cref="AdaptationState.Embedded"/> makes the state that
    /// a shallow stage works on; the same plan where no extractor stands on the rows.
    /// </summary>
    public ChainPlan Embedded() => HasExtractor ? WithRows(features.Shape, features.Type) : this;

    /// <summary>The plan with an extractor on the rows and a predictor on its features.</summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The predictor.</param>
    /// <param name="featureShape">The shape of one row's features, or null where only fitting can tell.</param>
    /// <param name="featureType">Their dtype, or null where only fitting can tell.</param>
    public ChainPlan WithParts(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IReadOnlyList<long>? featureShape = null,
        ScalarType? featureType = null
    )
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(predictor);
        return new(this)
        {
            Extractor = extractor,
            features = (featureShape, featureType),
            Predictor = predictor,
            HasPredictor = true,
        };
    }

    /// <summary>
    /// The plan after a shallow stage whose fit makes a predictor: it stands on the rows, which are the extractor's
    /// features where there was one.
    /// </summary>
    public ChainPlan WithFittedPredictor() => new(Embedded()) { Predictor = null, HasPredictor = true };

    /// <summary>The plan after a stage that weighs the source's examples.</summary>
    public ChainPlan WithWeights() => new(this) { HasWeights = true };

    internal ChainPlan At(int number, IAdaptationStage stage) =>
        new(this)
        {
            Current = stage,
            Stage = number,
            Label = stage.Name,
            Training = (stage as NetworkTraining)?.Options ?? Options.Training,
        };

    /// <summary>Adds faults.</summary>
    internal void AddFaults(IEnumerable<string> messages)
    {
        foreach (var message in messages)
        {
            Fault(message);
        }
    }

    /// <summary>
    /// Adds the faults of everything that is described in a stage or in options: numbers out of their range, or else
    /// needs that are not met.
    /// </summary>
    internal void Check(object root)
    {
        var mapped = false; // what stands inside a map need not meet the map's own rows
        foreach (var described in OptionChecks.Inside(root))
        {
            var found = OptionChecks.Faults(described).Select(fault => fault.Message);
            var further = described is IPlanned planned ? planned.Faults(mapped ? WithRows(null) : this) : [];
            mapped |= described is IFeatureMapping;
            var name = described.GetType().Name;
            AddFaults(found.Concat(further).Select(fault => name == Label ? fault : $"{name}: {fault}"));
        }
    }
}
