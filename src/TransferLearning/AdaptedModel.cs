using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>A fitted extractor with a predictor on top: what a fit returns, predicts with, saves and loads.</summary>
/// <remarks>
/// The model owns what the fit made (maps, shallow predictors, replicas) and disposes it; modules that the caller
/// brought stay the caller's. Modules are in evaluation mode from the moment that the model is made, and predictions
/// leave every mode as it is; they run without gradients. Predicting from several threads is safe while nobody trains
/// the same modules; a module that was put into training mode since is refused.
/// </remarks>
public sealed class AdaptedModel : IDisposable
{
    private readonly IReadOnlyList<IDisposable> owned;
    private readonly nn.Module[] modules;
    private readonly nn.Module[] trained; // those with parameters, which a disposed one has no more

    /// <summary>Puts a fitted extractor and predictor together; their modules go into evaluation mode.</summary>
    /// <param name="extractor">From inputs to features.</param>
    /// <param name="predictor">From features to scores.</param>
    /// <param name="owned">What the model disposes.</param>
    public AdaptedModel(IFeatureExtractor extractor, ILabelPredictor predictor, params IReadOnlyList<IDisposable> owned)
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(predictor);
        (Extractor, Predictor, this.owned) = (extractor, predictor, owned);
        var networks = extractor.WithInner().Concat(predictor.WithInner()).OfType<ITrainable>().ToList();
        networks.ForEach(part => Modes.Rest(part.Module));
        trained = [.. networks.Select(part => part.Module).Where(module => module.parameters().Any())];
        modules = [.. networks.SelectMany(part => Modes.Of(part.Module))];
        ModelsInUse.Add(this, modules);
    }

    /// <summary>The extractor, from inputs to features.</summary>
    public IFeatureExtractor Extractor { get; }

    /// <summary>The predictor, from features to scores.</summary>
    public ILabelPredictor Predictor { get; }

    /// <summary>Where maps and shallow predictors were fitted; null where nobody said.</summary>
    internal Device? FittedOn { get; init; }

    /// <summary>The shape of one row of the fit's inputs; null where nobody said.</summary>
    public IReadOnlyList<long>? RowShape => Facts.RowShape;

    /// <summary>
    /// Where the model computes, inputs go there and results come back; null where nobody said, and inputs stay where
    /// they are.
    /// </summary>
    /// <exception cref="ObjectDisposedException">A module of the model has been disposed.</exception>
    public Device? Device => Home;

    /// <summary>What the fit's labels meant; null for a model that was put together by hand.</summary>
    public LabelSpace? Space => Facts.Space;

    /// <summary>What is known of the fit's rows and labels.</summary>
    internal FitFacts Facts { get; init; } = new();

    internal bool IsDisposed { get; private set; }

    /// <summary>
    /// Scores <c>[n, classes]</c>, or values of the shape that the fit's labels had, <c>[n]</c> or <c>[n, k]</c>, for
    /// inputs of the target domain; after a fit without a target, of any domain.
    /// </summary>
    /// <param name="inputs">Inputs <c>[n, ...]</c>.</param>
    /// <param name="batchSize">Rows that pass at a time.</param>
    /// <returns>The scores, on the inputs' device; the caller disposes them.</returns>
    /// <exception cref="InvalidOperationException">A module of the model is in training mode.</exception>
    /// <exception cref="ArgumentException">
    /// The inputs are not rows as in the fit, or hold NaN or infinite values.
    /// </exception>
    /// <exception cref="ObjectDisposedException">
    /// The model, one of its modules or the inputs have been disposed.
    /// </exception>
    public Tensor Predict(Tensor inputs, long batchSize = 1024) => Predict(inputs, DomainId.Target, batchSize);

    /// <summary>Scores for inputs of any domain of the fit.</summary>
    /// <param name="inputs">Inputs <c>[n, ...]</c>.</param>
    /// <param name="domain">The domain that they come from.</param>
    /// <param name="batchSize">Rows that pass at a time.</param>
    /// <returns>The scores, on the inputs' device; the caller disposes them.</returns>
    /// <exception cref="InvalidOperationException">A module of the model is in training mode.</exception>
    /// <exception cref="ArgumentException">
    /// The inputs are not rows as in the fit, or hold NaN or infinite values.
    /// </exception>
    /// <exception cref="ObjectDisposedException">
    /// The model, one of its modules or the inputs have been disposed.
    /// </exception>
    public Tensor Predict(Tensor inputs, DomainId domain, long batchSize = 1024) =>
        All(new TensorRows(inputs), batchSize, batch => Answers(batch, domain));

    /// <summary>Scores, batch by batch, for inputs larger than memory.</summary>
    /// <param name="inputs">Rows that are read when needed.</param>
    /// <param name="batchSize">Rows that pass at a time.</param>
    /// <returns>One tensor of scores a batch, in order; the caller disposes each.</returns>
    /// <exception cref="ArgumentException">
    /// The inputs are not rows as in the fit, or hold NaN or infinite values.
    /// </exception>
    public IEnumerable<Tensor> PredictBatches(IRowSource inputs, long batchSize = 1024)
    {
        Check(inputs, batchSize);
        for (long start = 0; start < inputs.Count; start += batchSize)
        {
            yield return Quietly(inputs, start, batchSize, batch => Answers(batch, DomainId.Target));
        }
    }

    /// <summary>The most likely class of every row, int64 <c>[n]</c>.</summary>
    /// <inheritdoc cref="Predict(Tensor, long)"/>
    /// <exception cref="InvalidOperationException">
    /// The model predicts values and no classes, or a module of it is in training mode.
    /// </exception>
    public Tensor PredictClasses(Tensor inputs, long batchSize = 1024) => ClassesOf(inputs, DomainId.Target, batchSize);

    /// <summary>The most likely class of every row of a domain of the fit, int64 <c>[n]</c>.</summary>
    internal Tensor ClassesOf(Tensor inputs, DomainId domain, long batchSize = 1024) =>
        All(new TensorRows(inputs), batchSize, batch => OfClasses(Score(batch, domain)).argmax(1));

    /// <summary>
    /// The class probabilities of every row, <c>[n, classes]</c>, by the kind of the predictor's scores
    /// (<see cref="ScoreKind"/>).
    /// </summary>
    /// <remarks>
    /// They sum to 1 in each row and their largest marks the predicted class. Where a row may have any of several
    /// labels, there is one probability for each label, <c>[n, k]</c>, whatever the others are. Whether they are
    /// calibrated is the predictor's matter.
    /// </remarks>
    /// <inheritdoc cref="Predict(Tensor, long)"/>
    /// <exception cref="InvalidOperationException">
    /// The model predicts values and no classes, or a module of it is in training mode.
    /// </exception>
    public Tensor PredictProbabilities(Tensor inputs, long batchSize = 1024) =>
        All(
            new TensorRows(inputs),
            batchSize,
            batch =>
            {
                var scores = Score(batch, DomainId.Target);
                return Space is { IsMultiLabel: true }
                    ? Probabilities.OfLabels(scores, Predictor.ScoreKind)
                    : Probabilities.Of(OfClasses(scores), Predictor.ScoreKind);
            }
        );

    /// <summary>Which of several labels every row has: those with a probability of at least the threshold.</summary>
    /// <param name="inputs">Inputs <c>[n, ...]</c>.</param>
    /// <param name="threshold">The least probability of a label that is given, from 0 to below 1.</param>
    /// <param name="batchSize">Rows that pass at a time.</param>
    /// <returns>True for each label that a row has, bool <c>[n, k]</c>; the caller disposes it.</returns>
    /// <exception cref="InvalidOperationException">
    /// The fit's labels were not those of <see cref="LabelSpace.MultiLabel(long)"/>, the predictor gives no
    /// probabilities, or a module of it is in training mode.
    /// </exception>
    public Tensor PredictLabels(Tensor inputs, double threshold = 0.5, long batchSize = 1024)
    {
        Guard.InRange(threshold, 0, 1);
        RefuseOneLabel();
        using var probabilities = PredictProbabilities(inputs, batchSize);
        return probabilities.ge(threshold);
    }

    /// <summary>The names of the labels that every row has, in the order of the labels.</summary>
    /// <inheritdoc cref="PredictLabels"/>
    /// <exception cref="InvalidOperationException">
    /// The labels have no names, or as for <see cref="PredictLabels"/>.
    /// </exception>
    public IReadOnlyList<IReadOnlyList<string>> PredictLabelNames(
        Tensor inputs,
        double threshold = 0.5,
        long batchSize = 1024
    )
    {
        RefuseOneLabel();
        var names = Names("LabelSpace.MultiLabel([\"name\", ...]), or call PredictLabels");
        using var given = PredictLabels(inputs, threshold, batchSize);
        using var here = given.cpu();
        return
        [
            .. here.data<bool>()
                .Chunk(names.Count)
                .Select(row => (IReadOnlyList<string>)[.. names.Where((_, label) => row[label])]),
        ];
    }

    /// <summary>
    /// The name of the most likely class of every row, where the source's <see cref="LabelSpace"/> had names.
    /// </summary>
    /// <inheritdoc cref="PredictClasses"/>
    /// <exception cref="InvalidOperationException">
    /// The classes have no names, or as for <see cref="PredictClasses"/>.
    /// </exception>
    public IReadOnlyList<string> PredictClassNames(Tensor inputs, long batchSize = 1024)
    {
        var names = Names("LabelSpace.Classes([\"name\", ...]), or call PredictClasses");
        using var classes = PredictClasses(inputs, batchSize);
        using var here = classes.cpu();
        return [.. here.data<long>().Select(number => names[(int)number])];
    }

    /// <summary>The representation <c>[n, d]</c> of every row, for inputs of the target domain.</summary>
    /// <param name="inputs">Inputs <c>[n, ...]</c>.</param>
    /// <param name="batchSize">Rows that pass at a time.</param>
    /// <returns>The features; the caller disposes them.</returns>
    public Tensor Features(Tensor inputs, long batchSize = 1024) => Features(inputs, DomainId.Target, batchSize);

    /// <summary>The representation <c>[n, d]</c> of every row, for inputs of any domain of the fit.</summary>
    /// <param name="inputs">Inputs <c>[n, ...]</c>.</param>
    /// <param name="domain">The domain that they come from.</param>
    /// <param name="batchSize">Rows that pass at a time.</param>
    /// <returns>The features; the caller disposes them.</returns>
    public Tensor Features(Tensor inputs, DomainId domain, long batchSize = 1024) =>
        All(new TensorRows(inputs), batchSize, batch => Extractor.For(domain).Extract(batch));

    /// <summary>
    /// Writes the model to one file: fitted maps and predictors whole, networks as their parameters and buffers.
    /// </summary>
    /// <param name="path">The file; it is written beside and then renamed, so a crash leaves no half file.</param>
    /// <exception cref="NotSupportedException">A part is neither an <see cref="ISavedPart"/> nor a network.</exception>
    /// <exception cref="ObjectDisposedException">The model or one of its modules has been disposed.</exception>
    public void Save(string path)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        _ = Home; // a disposed module has no parameters left, and would be saved as a network without any
        ModelFile.Write(this, path);
    }

    /// <summary>
    /// Reads a model that <see cref="Save"/> wrote. The code that trained it is not needed, only its architectures.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="modules">
    /// One freshly built module for each network in the model, in the order extractor before predictor; none for
    /// shallow models. The file's parameters are copied into them, on their device, and what was fitted around them
    /// goes there too. The caller goes on owning them.
    /// </param>
    /// <exception cref="InvalidDataException">
    /// The file is foreign, damaged, or does not fit the modules: every entry must find its place in its shape and
    /// dtype, and every module its network.
    /// </exception>
    /// <exception cref="ArgumentException">A module was given twice.</exception>
    [RequiresUnreferencedCode(SavedParts.TrimmingRemovesParts)]
    public static AdaptedModel Load(string path, params IReadOnlyList<nn.Module<Tensor, Tensor>> modules) =>
        ModelFile.Read(path, modules);

    /// <summary>
    /// What is inside: the rows and labels of the fit, then a line for each part of the extractor, then of the
    /// predictor, outer parts first.
    /// </summary>
    /// <remarks>
    /// A line names the part's type. A network adds how many parameters it has and how many numbers in buffers; a
    /// fitted map or predictor adds its tensors with their shapes. A part that is used in several places has one line.
    /// </remarks>
    public string Describe() =>
        (RowShape is null ? "" : $"inputs: [n, {string.Join(", ", RowShape)}]{Environment.NewLine}")
        + (Space is null ? "" : $"labels: {Space}{Environment.NewLine}")
        + ModelText.Of(Extractor, Predictor);

    /// <summary>Disposes what the fit made.</summary>
    public void Dispose()
    {
        IsDisposed = true;
        foreach (var thing in owned)
        {
            thing.Dispose();
        }
    }

    private void Check(IRowSource inputs, long batchSize)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
    }

    private IReadOnlyList<string> Names(string remedy) =>
        Space?.Names is { Count: > 0 } names
            ? names
            : throw new InvalidOperationException(
                $"The model's labels are {Space?.ToString() ?? "unknown"} and have no names: fit on a source with "
                    + $"{remedy}."
            );

    private void RefuseOneLabel()
    {
        if (Space is not { IsMultiLabel: true })
        {
            throw new InvalidOperationException(
                $"The model's labels are {Space?.ToString() ?? "unknown"}, not any of several: fit on a source with "
                    + "LabelSpace.MultiLabel(...), or call PredictClasses or Predict."
            );
        }
    }

    private Tensor OfClasses(Tensor scores)
    {
        if (Space is { IsClasses: false } || (Space is null && (scores.dim() != 2 || scores.shape[1] < 2)))
        {
            throw new InvalidOperationException(
                $"The model predicts {Space?.ToString() ?? "one column"}, so there are no classes: "
                    + $"{(Space is { IsMultiLabel: true } ? "call PredictLabels" : "take the values from Predict")}."
            );
        }
        return scores;
    }

    private Tensor Score(Tensor batch, DomainId domain) => Predictor.Predict(Extractor.For(domain).Extract(batch));

    // In the shape of the fit's labels.
    private Tensor Answers(Tensor batch, DomainId domain)
    {
        var scores = Score(batch, domain);
        return Facts.ValuesAreFlat && scores.dim() == 2 && scores.shape[1] == 1 ? scores.squeeze(1) : scores;
    }

    private Tensor All(IRowSource inputs, long batchSize, Func<Tensor, Tensor> pass)
    {
        Check(inputs, batchSize);
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        for (long start = 0; start == 0 || start < inputs.Count; start += batchSize)
        {
            parts.Add(Quietly(inputs, start, batchSize, pass));
        }
        // A copy even of one part, which may be a view of the caller's rows.
        return (parts.Count == 1 ? parts[0].clone() : cat([.. parts])).MoveToOuterDisposeScope();
    }

    private Tensor Quietly(IRowSource inputs, long start, long batchSize, Func<Tensor, Tensor> pass)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        RefuseTraining();
        var begun = Telemetry.Begin();
        var batch = BatchedPass.Read(inputs, start, Math.Min(batchSize, inputs.Count - start));
        CheckRows(batch, start);
        try
        {
            var answers = pass(batch.to(Home ?? batch.device)).to(batch.device);
            Telemetry.Predicted(batch.shape[0], begun);
            return answers.MoveToOuterDisposeScope();
        }
        catch (ExternalException fault)
            when (Facts.RowType is not (ScalarType.Int64 or ScalarType.Int32)
                && NetworkType is { } type
                && type != batch.dtype
            )
        {
            throw new ArgumentException(
                $"inputs are {batch.dtype}, and the model's networks compute in {type}; convert the inputs, "
                    + $"inputs.to({type.ToString().ToLowerInvariant()}). {fault.Message}",
                nameof(inputs),
                fault
            );
        }
        catch (Exception fault)
            when (fault is ExternalException or ArgumentException
                && RowShape is { } fitted
                && !batch.shape[1..].SequenceEqual(fitted)
            )
        {
            throw new ArgumentException(
                $"inputs have rows of shape {Shape.Text(batch.shape[1..])}, those of the fit had "
                    + $"{Shape.Text(RowShape!)}, and the model's networks do not take them. {fault.Message}",
                nameof(inputs),
                fault
            );
        }
    }

    internal void CheckRows(Tensor batch, long start = 0)
    {
        if (Facts.RowType is { } fittedType && FitFacts.IsOfTokens(fittedType) == batch.is_floating_point())
        {
            throw new ArgumentException(
                $"inputs are {batch.dtype}, and those of the fit were {fittedType}: convert them.",
                "inputs"
            );
        }
        // Rows of features alone: a network may well read larger images or longer texts than those it was fitted to.
        if (
            RowShape is { Count: 1 } fitted
            && batch.is_floating_point()
            && (batch.dim() != 2 || batch.shape[1] != fitted[0])
        )
        {
            throw new ArgumentException(
                $"inputs must be rows of {fitted[0]} features, as in the fit; got {Shape.Of(batch)}.",
                "inputs"
            );
        }
        if (batch.is_floating_point() && !batch.sum().isfinite().item<bool>())
        {
            var lost = batch.isfinite().logical_not().reshape(batch.shape[0], -1).any(1).nonzero();
            if (lost.shape[0] > 0)
            {
                throw new ArgumentException(
                    $"inputs hold NaN or infinite values, in row {start + lost[0, 0].item<long>()} first and in "
                        + $"{lost.shape[0]} of the {batch.shape[0]} rows from {start} on; clean or impute them first.",
                    "inputs"
                );
            }
        }
    }

    // Switching modes here would damage what other threads predict at the same time.
    private void RefuseTraining()
    {
        if (Array.Find(modules, module => module.training) is { } training)
        {
            throw new InvalidOperationException(
                $"A module of the model ({training.GetName()}) is in training mode, in which dropout acts and "
                    + "batch statistics change: call eval() on it, or wait until its training has ended."
            );
        }
    }

    private ScalarType? NetworkType =>
        trained.SelectMany(module => module.parameters()).FirstOrDefault(it => it.is_floating_point())?.dtype;

    // Parts stay on the device of their fit; inputs go there and results come back. A network may have been moved
    // since.
    private Device? Home
    {
        get
        {
            Device? home = null;
            foreach (var module in trained)
            {
                var first = module.parameters().FirstOrDefault();
                ObjectDisposedException.ThrowIf(first is null or { IsInvalid: true }, module);
                home ??= first.device;
            }
            return home ?? FittedOn;
        }
    }
}
