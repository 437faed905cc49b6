using TransferLearning.Training;

namespace TransferLearning.Network;

/// <summary>Copies layers when a training starts, before its first step.</summary>
/// <param name="transfer">Which layers.</param>
/// <param name="from">The trained network, which takes no part in the training.</param>
/// <param name="to">The network that is trained.</param>
internal sealed class LayersCopied(LayerTransfer transfer, ModulePart from, ModulePart to) : ITrainingHook
{
    private readonly LayerTransfer transfer = transfer;
    private readonly ModulePart from = from;
    private readonly ModulePart to = to;

    public void OnStart(TrainingView view) => transfer.Copy(from.Module, to.Module);

    // Nothing: a resumed training has its parameters from the checkpoint.
    public void Exchange(StateBag state) { }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        transfer.Misfit(from.Module, to.Module) is { } fault ? [fault] : [];
}
