// One rank of a run that mpirun starts: 'calls' tries every call, 'cost' times messages, the others train a small DANN.
//   train <folder> [steps]      trains with checkpoints and says a hash of all parameters
//   throws | exits | kills      train, and rank 1 throws, exits or is killed in the middle
//   cancels                     trains, and rank 1 alone is canceled
using TransferLearning.Distributed;
using TransferLearning.Tests.DistributedHost;

var world = MpiCommunicator.World;
switch (args[0])
{
    case "calls":
        Calls.Try(world);
        break;
    case "cost":
        Calls.Time(world);
        break;
    default:
        Trainings.Run(world, args);
        break;
}
